// Removes unused rooms of guests, so that their names are free again: rooms without a message, for which no
// server has noted a subscriber for a while. It needs no common clock: what counts is how long a room's
// counter of uses has stayed the same.

import { chunk } from "@std/collections/chunk";
import type { Rooms } from "../../store/repository.ts";
import type { RoomId, UnusedRoom } from "../../store/records.ts";
import type { RoomRegistry } from "./room_registry.ts";

/** Ranges of ids that one round looks at, and rooms that one transaction removes. */
const RANGES = 10;
const REMOVED_AT_ONCE = 64;

interface UnusedRoomsOptions {
  readonly rooms: Pick<Rooms, "keep" | "unused" | "removeUnused">;
  readonly monotonic: () => number;
  /** After how many milliseconds without a subscriber a room is removed. */
  readonly unusedMs: number;
  readonly registry: Pick<RoomRegistry, "rooms" | "forget">;
}

/** What the store says of a room, and since when it has been the same. */
interface Seen extends UnusedRoom {
  readonly since: number;
}

export class UnusedRooms {
  readonly #options: UnusedRoomsOptions;
  readonly #seen = new Map<RoomId, Seen>();
  /** The id at which the next range begins. */
  #from = 0;

  constructor(options: UnusedRoomsOptions) {
    this.#options = options;
  }

  /**
   * Notes which rooms have subscribers here, then removes those that had none for long enough. The caller
   * calls it at least four times in that period. @throws what the store throws
   */
  async round(): Promise<void> {
    const { rooms, registry } = this.#options;
    const used = Array.from(registry.rooms()).filter((room) => room.mayVanish && !room.isIdle);
    if (used.length > 0) await rooms.keep(used.map(({ id }) => id));
    for (let range = 0; range < RANGES; range++) {
      const { rooms: unused, next } = await rooms.unused({ from: this.#from });
      await this.#removeOf(unused, { from: this.#from, next });
      this.#from = next ?? 0;
      if (next === undefined) return;
    }
  }

  async #removeOf(
    unused: readonly UnusedRoom[],
    { from, next = Infinity }: { from: number; next: number | undefined },
  ): Promise<void> {
    const { rooms, monotonic, unusedMs, registry } = this.#options;
    const now = monotonic();
    const found = new Set(unused.map(({ id }) => id));
    for (const id of this.#seen.keys()) {
      if (id >= from && id < next && !found.has(id)) this.#seen.delete(id);
    }
    const due: UnusedRoom[] = [];
    for (const room of unused) {
      const seen = this.#seen.get(room.id);
      if (seen?.uses !== room.uses) this.#seen.set(room.id, { ...room, since: now });
      else if (now - seen.since >= unusedMs) due.push(room);
    }
    for (const some of chunk(due, REMOVED_AT_ONCE)) {
      for (const id of await rooms.removeUnused(some)) {
        this.#seen.delete(id);
        registry.forget(id);
      }
      // A store that answers in the same turn must not hold up the sockets.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
