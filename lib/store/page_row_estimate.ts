// Estimates how many rows of a room fill a page, from the average text length of earlier reads: a page ends
// where a frame is full, and further rows would be read for nothing. Knows no SQL.

import type { RoomId } from "./records.ts";

/** The most text of a page in UTF-16 units: more do not fit in a frame. */
export const MAX_PAGE_UNITS = 65_536;
/** The most rows of one read, and the rows of a first read of a room. */
const MAX_ROWS = 100;
const FIRST_ROWS = 50;
/**
 * A read of shorter texts lowers the average at most to this share: rooms have short and long
 * texts.
 */
const DECAY = 0.9;
/** The most rooms in memory; the least recently read room is removed first. */
const MAX_ROOMS = 10_000;

export class PageRowEstimate {
  readonly #averages = new Map<RoomId, number>();

  /** How many rows fill the rest of a page. */
  rowsFor(room: RoomId, leftUnits: number): number {
    const average = this.#averages.get(room);
    if (average === undefined) return FIRST_ROWS;
    return Math.min(MAX_ROWS, Math.max(1, Math.ceil(leftUnits / Math.max(1, average))));
  }

  /** Records a read: the number of rows and the length of their texts. */
  record(room: RoomId, read: { rows: number; units: number }): void {
    if (read.rows === 0) return;
    const known = this.#averages.get(room) ?? 0;
    this.#averages.delete(room);
    this.#averages.set(room, Math.max(read.units / read.rows, known * DECAY));
    for (const oldest of this.#averages.keys()) {
      if (this.#averages.size <= MAX_ROOMS) break;
      this.#averages.delete(oldest);
    }
  }
}
