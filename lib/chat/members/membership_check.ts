// Asks the store for the members of rooms that only members may read, when a membership has ended: the
// notice of another server may be lost. Knows no connection and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { UserId } from "../../store/records.ts";
import { isForMembers } from "../access.ts";
import type { Room } from "../room.ts";
import type { RoomRegistry } from "../rooms/room_registry.ts";

interface MembershipCheckOptions {
  readonly repository: Pick<Repository, "rooms" | "members">;
  readonly registry: RoomRegistry;
  /** Ends the room's subscription on all of the user's connections here. */
  readonly unsubscribe: (user: UserId, room: Room) => void;
}

export class MembershipCheck {
  readonly #options: MembershipCheckOptions;

  constructor(options: MembershipCheckOptions) {
    this.#options = options;
  }

  /** To be called about once a second where other servers write to the store. @throws what it throws */
  async poll(): Promise<void> {
    const { repository, registry } = this.#options;
    const rooms = [...registry.rooms()].filter((room) => isForMembers(room) && !room.isDirect);
    if (rooms.length === 0) return;
    const removals = await repository.rooms.removals(rooms.map(({ id }) => id));
    for (const room of rooms) {
      const now = removals.get(room.id);
      if (now !== undefined && now !== room.users.removals) await this.#confirm(room, now);
    }
  }

  async #confirm(room: Room, removals: number): Promise<void> {
    const { repository, unsubscribe } = this.#options;
    const known = room.users.members();
    const { additions } = room.users;
    const members = await repository.members.usersAmong(room.id, known);
    // A member may have left and come back meanwhile: the next poll looks again.
    if (room.users.additions !== additions) return;
    for (const user of known) {
      if (members.has(user)) continue;
      room.forgetMember(user);
      unsubscribe(user, room);
    }
    room.users.noteRemovals(removals);
  }
}
