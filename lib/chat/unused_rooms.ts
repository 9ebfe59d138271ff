// Rooms that guests made and nobody used vanish, and their names are free again: nothing was ever said
// there, and for a while no server has said that somebody hears them. Needs no clock but this server's
// own: what counts is how long the store has said the same of a room.

import { chunk } from "@std/collections/chunk";
import type { RoomId, Rooms, UnusedRoom } from "../store/repository.ts";
import type { RoomRegistry } from "./room_registry.ts";

/** Stretches of ids that one round looks at, and rooms that one transaction removes. */
const STRETCHES = 10;
const REMOVED_AT_ONCE = 64;

export interface UnusedRoomsOptions {
  readonly rooms: Pick<Rooms, "keep" | "unused" | "removeUnused">;
  readonly monotonic: () => number;
  /** How long nobody has heard a room that vanishes, in milliseconds. */
  readonly unusedMs: number;
  readonly registry: Pick<RoomRegistry, "rooms" | "forget">;
}

/** What the store said of a room, and since when. */
interface Seen extends UnusedRoom {
  readonly since: number;
}

export class UnusedRooms {
  readonly #options: UnusedRoomsOptions;
  readonly #seen = new Map<RoomId, Seen>();
  /** Where the next round begins. */
  #from = 0;

  constructor(options: UnusedRoomsOptions) {
    this.#options = options;
  }

  /**
   * Says which rooms are heard here, then removes those that nobody has heard for long enough; to be
   * called at least four times in that time. @throws what the store throws
   */
  async round(): Promise<void> {
    const { rooms, registry } = this.#options;
    const heard = Array.from(registry.rooms()).filter((room) => room.mayVanish && !room.isIdle);
    if (heard.length > 0) await rooms.keep(heard.map(({ id }) => id));
    for (let stretch = 0; stretch < STRETCHES; stretch++) {
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
      // A store that answers in the same turn must not keep the sockets waiting.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
