// What the one who writes believes of rooms: how far their logs have come. Belief saves the statement
// that would lock and read them; the one that moves a head checks it, so a belief that is wrong costs a
// second try and nothing else. Knows no statement.

import type { RoomId } from "../repository.ts";

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
  /** How often in a row it has been right. */
  readonly proofs: number;
}

/** Rooms remembered at most; the one written to longest ago goes first. */
const ROOMS = 10_000;
/** A room in which another server writes too is not believed in before its head was right so often. */
const PROOFS = 8;

export class HeadCache {
  readonly #beliefs = new Map<RoomId, CachedHead>();

  /** The heads of `rooms`, if every one of them is believed. */
  find(rooms: Iterable<RoomId>): Map<RoomId, Head> | undefined {
    const heads = new Map<RoomId, Head>();
    for (const room of rooms) {
      const belief = this.#beliefs.get(room);
      if (belief === undefined || belief.proofs < PROOFS) return undefined;
      heads.set(room, belief.head);
    }
    return heads;
  }

  /** Of a transaction that was committed. */
  update(moves: ReadonlyMap<RoomId, HeadMove>): void {
    for (const [room, { before, after }] of moves) {
      const belief = this.#beliefs.get(room);
      this.#beliefs.delete(room);
      this.#beliefs.set(room, { head: after, proofs: proofsOf(belief, before) });
    }
    for (const room of this.#beliefs.keys()) {
      if (this.#beliefs.size <= ROOMS) break;
      this.#beliefs.delete(room);
    }
  }
}

/** What is heard for the first time is believed: most rooms are written to by one server. */
function proofsOf(belief: CachedHead | undefined, found: Head): number {
  if (belief === undefined) return PROOFS;
  return belief.head.lastSeq === found.lastSeq ? Math.min(belief.proofs + 1, PROOFS) : 0;
}
