// How long the texts of a room were when it was last read, to choose how many rows to read at once: a
// page ends where a frame is full, and what was read beyond that was read for nothing. Knows no SQL.

import type { RoomId } from "./repository.ts";

/** When there is so much text, in UTF-16 units, no more is read: a frame holds no more. */
export const PAGE_UNITS = 65_536;
/** Rows read at once, at most, and of a room that nothing is known of. */
const MOST_ROWS = 100;
const FIRST_ROWS = 50;
/** What a read of shorter texts leaves of what was known: rooms have some of both kinds. */
const KEPT = 0.9;
/** Rooms remembered at most; the one read longest ago goes first. */
const ROOMS = 10_000;

export class TextSizes {
  readonly #averages = new Map<RoomId, number>();

  /** How many rows to read to fill what is left of a page. */
  rowsFor(room: RoomId, leftUnits: number): number {
    const average = this.#averages.get(room);
    if (average === undefined) return FIRST_ROWS;
    return Math.min(MOST_ROWS, Math.max(1, Math.ceil(leftUnits / Math.max(1, average))));
  }

  /** So many rows of the room had so many units of text. */
  learn(room: RoomId, read: { rows: number; units: number }): void {
    if (read.rows === 0) return;
    const known = this.#averages.get(room) ?? 0;
    this.#averages.delete(room);
    this.#averages.set(room, Math.max(read.units / read.rows, known * KEPT));
    for (const oldest of this.#averages.keys()) {
      if (this.#averages.size <= ROOMS) break;
      this.#averages.delete(oldest);
    }
  }
}
