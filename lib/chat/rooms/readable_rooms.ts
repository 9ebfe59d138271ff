// Finds which of some rooms a user may read now, and their names for this user: for replies with events of
// many rooms. Bans and removals are checked room by room.

import type { Repository } from "../../store/repository.ts";
import type { RoomId } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Principal } from "../people/principal.ts";
import { roomNameFor } from "./direct_names.ts";
import type { RoomDirectory } from "./room_directory.ts";

export class ReadableRooms {
  readonly #repository: Pick<Repository, "rooms">;
  readonly #rooms: RoomDirectory;

  constructor(repository: Pick<Repository, "rooms">, rooms: RoomDirectory) {
    this.#repository = repository;
    this.#rooms = rooms;
  }

  /** The rooms that the principal may read now, each with its name for the principal. */
  async among(
    ids: readonly RoomId[],
    principal: Principal,
  ): Promise<ReadonlyMap<RoomId, string>> {
    const records = await this.#repository.rooms.findMany([...new Set(ids)]);
    const named = Array.from(records.values(), (record) => roomNameFor(record, principal.user));
    const opened = await this.#rooms.openAll(named, { principal, action: "read" });
    const readable = new Map<RoomId, string>();
    for (const [at, lease] of opened.entries()) {
      if (lease instanceof ChatError) continue;
      using held = lease;
      readable.set(held.room.id, named[at] ?? held.room.name);
    }
    return readable;
  }
}
