// Who may create rooms, how many, and under which names.

import type { Members, Rooms } from "../../store/repository.ts";
import type { RoomRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Clock } from "../../time.ts";
import { isReservedRoomName, nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";

/** Who may create rooms. */
export type CreateRooms = "anyone" | "members" | "operators";

const LEAST_ROLE = { anyone: "guest", members: "member", operators: "operator" } as const;

export interface RoomCreationOptions {
  readonly rooms: Pick<Rooms, "create" | "countOwned">;
  readonly members: Pick<Members, "countOf">;
  readonly clock: Clock;
  readonly createRooms: CreateRooms;
  readonly limits: { readonly rooms_owned: number; readonly rooms_joined: number };
}

export class RoomCreation {
  readonly #options: RoomCreationOptions;

  constructor(options: RoomCreationOptions) {
    this.#options = options;
  }

  /**
   * Creates a room, or finds the one that has this name: one that another server has just created, or one
   * that the principal may not see.
   * @param onCreating is called before the room is stored, and may refuse by throwing
   * @throws {ChatError} name_taken, forbidden
   */
  async create(
    name: string,
    { principal, kind, onCreating }: {
      principal: Principal;
      kind: "public" | "private";
      onCreating: () => void;
    },
  ): Promise<RoomRecord> {
    const { rooms, clock } = this.#options;
    await this.#checkMayCreate(name, principal);
    onCreating();
    const owner = principal.user;
    const now = clock.now();
    return await rooms.create({ name, key: nameKey(name), kind, owner, now });
  }

  async #checkMayCreate(name: string, principal: Principal): Promise<void> {
    const { rooms, members, createRooms, limits } = this.#options;
    if (isReservedRoomName(name)) throw roomNameTaken(name);
    if (!principal.hasScope("everything")) {
      throw new ChatError("forbidden", "Your token does not allow you to create rooms", {
        field: "create",
      });
    }
    if (!principal.hasRole(LEAST_ROLE[createRooms])) {
      throw new ChatError("forbidden", `Only ${createRooms} may create rooms here`, {
        field: "create",
      });
    }
    if (await rooms.countOwned(principal.user) >= limits.rooms_owned) {
      throw new ChatError("forbidden", `A user may create at most ${limits.rooms_owned} rooms`, {
        field: "create",
      });
    }
    // The creator joins the room: one that cannot be joined would only use up its name.
    if (await members.countOf(principal.user) >= limits.rooms_joined) {
      throw tooManyRooms(limits.rooms_joined);
    }
  }
}

/** The same for a reserved name and for the name of a room that the principal may not see. */
export function roomNameTaken(name: string): ChatError {
  return new ChatError("name_taken", `Cannot create "${name}": the name is taken or reserved`, {
    field: "room",
  });
}

/** The answer to a user who is a member of as many rooms as a user may be. */
export function tooManyRooms(most: number): ChatError {
  return new ChatError("forbidden", `A user may join at most ${most} rooms`, { field: "room" });
}
