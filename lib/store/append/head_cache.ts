// How far the logs of rooms have come, as this server last saw. A cached head saves the statement that would
// lock and read it; the statement that moves it checks it, so that a stale one costs a second try and
// nothing else. Knows no statement.

import type { RoomId } from "../records.ts";

/** How far a room's log has come. */
export interface Head {
  readonly isInquiry: boolean;
  readonly lastSeq: number;
  /** How many of its events are messages. */
  readonly lastNumber: number;
  /** UTC milliseconds. */
  readonly lastTime: number;
}

/** What a transaction did to a head. */
export interface HeadMove {
  readonly before: Head;
  readonly after: Head;
}

interface CachedHead {
  readonly head: Head;
  /** How often in a row it was the stored one. */
  readonly hits: number;
}

/** Rooms cached at most; the least recently written one is dropped first. */
const ROOMS = 10_000;
/** A room in which another server writes too is used again after its head was the stored one so often. */
const HITS = 8;

export class HeadCache {
  readonly #heads = new Map<RoomId, CachedHead>();

  /** The heads of `rooms`, if every one of them can be used. */
  find(rooms: Iterable<RoomId>): Map<RoomId, Head> | undefined {
    const heads = new Map<RoomId, Head>();
    for (const room of rooms) {
      const cached = this.#heads.get(room);
      if (cached === undefined || cached.hits < HITS) return undefined;
      heads.set(room, cached.head);
    }
    return heads;
  }

  /** Notes the moves of a transaction that was committed. */
  update(moves: ReadonlyMap<RoomId, HeadMove>): void {
    for (const [room, { before, after }] of moves) {
      const cached = this.#heads.get(room);
      this.#heads.delete(room);
      this.#heads.set(room, { head: after, hits: hitsOf(cached, before) });
    }
    for (const room of this.#heads.keys()) {
      if (this.#heads.size <= ROOMS) break;
      this.#heads.delete(room);
    }
  }
}

/** A room's first head can be used at once: most rooms are written to by one server. */
function hitsOf(cached: CachedHead | undefined, found: Head): number {
  if (cached === undefined) return HITS;
  return cached.head.lastSeq === found.lastSeq ? Math.min(cached.hits + 1, HITS) : 0;
}
