// Rooms that guests created and that have no message, in SQL: kept while they have a subscriber, else
// removed. The use of a room and its removal take the lock of its row: one comes first, and the other
// finds what it has done.

import { integer, roomIdOf } from "../column_readers.ts";
import type { RoomId, UnusedRoom } from "../records.ts";
import { padToPowerOfTwo, placeholders, queryAmong, type Sql, type Transaction } from "../sql.ts";

/** How many ids one statement looks at. */
const RANGE = 1_000;

/** Counts a use of these rooms. @returns how many of them exist */
export async function keepRooms(sql: Sql, rooms: readonly RoomId[]): Promise<number> {
  if (rooms.length === 0) return 0;
  const padded = padToPowerOfTwo(rooms);
  const { changes } = await sql.execute(
    `UPDATE Rooms SET uses = uses + 1 WHERE room_id IN (${placeholders(padded.length)})`,
    padded,
  );
  return changes;
}

export async function findUnused(
  sql: Sql,
  from: number,
): Promise<{ rooms: readonly UnusedRoom[]; next: number | undefined }> {
  const end = from + RANGE;
  const rows = await sql.query(
    "SELECT r.room_id, r.uses FROM Rooms r JOIN Users u ON u.user_id = r.owner_id " +
      "WHERE r.room_id >= ? AND r.room_id < ? AND r.kind IN ('public', 'private') AND r.last_seq = 0 " +
      "AND u.role = 'guest'",
    [from, end],
  );
  const [row] = await sql.query("SELECT MAX(room_id) AS last FROM Rooms");
  const isLast = row === undefined || row.last === null || integer(row, "last") < end;
  return {
    rooms: rows.map((row) => ({ id: roomIdOf(row), uses: integer(row, "uses") })),
    next: isLast ? undefined : end,
  };
}

export async function removeUnused(
  sql: Transaction,
  rooms: readonly UnusedRoom[],
): Promise<readonly RoomId[]> {
  const uses = new Map(rooms.map((room) => [room.id, room.uses]));
  const rows = await queryAmong(
    [...uses.keys()],
    (places, some) =>
      sql.queryLocking(
        "SELECT room_id, last_seq, uses FROM Rooms " +
          `WHERE room_id IN (${places}) ORDER BY room_id`,
        some,
      ),
  );
  const unused = rows.filter((row) =>
    integer(row, "last_seq") === 0 && integer(row, "uses") === uses.get(roomIdOf(row))
  ).map((row) => roomIdOf(row));
  if (unused.length === 0) return [];
  const padded = padToPowerOfTwo(unused);
  for (const table of ["Members", "Standings", "Bans", "RoomNames", "Rooms"]) {
    await sql.execute(
      `DELETE FROM ${table} WHERE room_id IN (${placeholders(padded.length)})`,
      padded,
    );
  }
  return unused;
}
