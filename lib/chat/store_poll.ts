// Brings changes of the store to the rooms and principals in memory: new events, and changed records. Other
// servers write to the same store, and their hints may be lost.

import type { Repository } from "../store/repository.ts";
import type { RoomId, UserId } from "../store/records.ts";
import type { Principals } from "./people/principal.ts";
import type { Room } from "./room.ts";
import type { RoomRegistry } from "./rooms/room_registry.ts";

/** How many rooms, and how many users, have their records read again in one poll, in turn. */
const REFRESHED = 100;

interface StorePollOptions {
  readonly repository: Pick<Repository, "rooms" | "users">;
  readonly registry: RoomRegistry;
  readonly principals: Principals;
}

export class StorePoll {
  readonly #options: StorePollOptions;
  /** Those whose turn to be refreshed is still to come. */
  #rooms: RoomId[] = [];
  #users: UserId[] = [];

  constructor(options: StorePollOptions) {
    this.#options = options;
  }

  /**
   * Asks the store for events that were not delivered: of all rooms when other servers write to it, else
   * only where a commit's outcome is not known. With other servers it refreshes some records, too.
   * @throws what the store throws
   */
  async poll(scope: "all" | "doubtful"): Promise<void> {
    await this.#catchUp(scope);
    if (scope === "all") await this.#refreshSome();
  }

  async #catchUp(scope: "all" | "doubtful"): Promise<void> {
    const asked: Room[] = [];
    for (const room of this.#options.registry.rooms()) {
      room.log.trustHints();
      if ((scope === "all" || room.log.isBehind) && !room.log.isStoring) asked.push(room);
    }
    if (asked.length === 0) return;
    const { rooms } = this.#options.repository;
    const lasts = await rooms.lastSeqs(asked.map((room) => room.id));
    await Promise.all(asked.map((room) => {
      const last = lasts.get(room.id) ?? 0;
      // Something may have been posted here meanwhile: then its own answer says what is stored.
      if (room.log.isStoring || (last <= room.deliveredSeq && !room.log.isBehind)) return;
      return room.log.noteStored(last);
    }));
  }

  /** Reads the records of some rooms and users in memory again. */
  async #refreshSome(): Promise<void> {
    const { repository, registry, principals } = this.#options;
    if (this.#rooms.length === 0) this.#rooms = Array.from(registry.rooms(), ({ id }) => id);
    if (this.#users.length === 0) this.#users = [...principals.users()];
    const rooms = await repository.rooms.findMany(this.#rooms.splice(-REFRESHED));
    for (const record of rooms.values()) registry.findById(record.id)?.refresh(record);
    const users = await repository.users.findMany(this.#users.splice(-REFRESHED));
    for (const record of users.values()) principals.refresh(record);
  }
}
