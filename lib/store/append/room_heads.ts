// The heads of the rooms of a batch, in SQL: read under a lock, or moved from where they are expected.
// Knows nothing of drafts but their rooms.

import { integer, roomIdOf, text } from "../column_readers.ts";
import type { RoomId } from "../records.ts";
import { padToPowerOfTwo, placeholders, type Row, type Transaction } from "../sql.ts";
import type { Head, HeadMove } from "./head_cache.ts";

/** A room's head while a batch is planned: how far its log will have come. */
export interface MovingHead {
  readonly before: Head;
  lastSeq: number;
  lastNumber: number;
  lastTime: number;
}

/** How far a room's time may be ahead of the clock before it follows the clock back, milliseconds. */
const MOST_AHEAD_MS = 5 * 60_000;

/** A head was not where it was expected: another server has written. Nothing is stored. */
export class StaleHeadsError extends Error {
  override readonly name = "StaleHeadsError";
}

/** Locks the rooms and reads their heads; rooms that do not exist are missing. */
export async function lockRooms(
  sql: Transaction,
  roomIds: readonly RoomId[],
): Promise<Map<RoomId, Head>> {
  const rooms = padToPowerOfTwo([...new Set(roomIds)]);
  const rows = await sql.queryLocking(
    "SELECT room_id, kind, last_seq, last_number, last_time FROM Rooms " +
      `WHERE room_id IN (${placeholders(rooms.length)}) ORDER BY room_id`,
    rooms,
  );
  return new Map(rows.map((row) => [roomIdOf(row), headOf(row)]));
}

function headOf(row: Row): Head {
  return {
    isInquiry: text(row, "kind") === "inquiry",
    lastSeq: integer(row, "last_seq"),
    lastNumber: integer(row, "last_number"),
    lastTime: integer(row, "last_time"),
  };
}

/** The head as a batch begins. */
export function startOf(before: Head): MovingHead {
  const { lastSeq, lastNumber, lastTime } = before;
  return { before, lastSeq, lastNumber, lastTime };
}

/** The move of a head by a batch. */
export function moveOf({ before, lastSeq, lastNumber, lastTime }: MovingHead): HeadMove {
  return { before, after: { isInquiry: before.isInquiry, lastSeq, lastNumber, lastTime } };
}

/**
 * The time of a message that follows one of `lastTime`. A small step back of the clock does not make the
 * time fall. But a clock that was far ahead once must not keep the room's time there.
 */
export function timeAfter(lastTime: number, now: number): number {
  return lastTime - now <= MOST_AHEAD_MS ? Math.max(now, lastTime) : now;
}

/**
 * Moves heads only from where they were: where another server has moved one, its row is not found.
 *
 * @throws {StaleHeadsError}
 */
export async function moveHeads(
  sql: Transaction,
  heads: ReadonlyMap<RoomId, MovingHead>,
  now: number,
): Promise<void> {
  const touched = [...heads].filter(([, { before, lastSeq }]) => lastSeq !== before.lastSeq);
  const { changes } = await sql.updateEach({
    table: "Rooms",
    key: "room_id",
    guard: "last_seq",
    columns: ["last_number", "last_seq"],
    rows: touched.map(([room, head]) => [
      room,
      head.before.lastSeq,
      head.lastNumber,
      head.lastSeq,
    ]),
    also: "last_time = CASE WHEN last_time < ? OR last_time > ? THEN ? ELSE last_time END",
    alsoParams: [now, now + MOST_AHEAD_MS, now],
  });
  if (changes !== touched.length) {
    throw new StaleHeadsError("Another server has written to a room of the batch");
  }
}
