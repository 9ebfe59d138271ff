// Direct conversations, in SQL: rooms of two users, found by a key of both.

import { firstInteger, roomIdOf } from "../column_readers.ts";
import { insertMember } from "../new_members.ts";
import type { RoomId, RoomRecord, UserId } from "../records.ts";
import { findOrInsert, type Sql, type SqlDriver } from "../sql.ts";
import { insertRoom, ROOM_COLUMNS, roomOf } from "./room_columns.ts";

/** As `Rooms.createDirect`. */
export async function createDirect(
  driver: SqlDriver,
  { key, users, now }: { key: string; users: readonly [UserId, UserId]; now: number },
): Promise<RoomRecord> {
  const pair = users[0] < users[1] ? users : [users[1], users[0]] as const;
  const find = async (): Promise<RoomRecord | undefined> => {
    const [row] = await driver.query(
      `SELECT ${ROOM_COLUMNS} FROM RoomNames n JOIN Rooms r ON r.room_id = n.room_id ` +
        "WHERE n.name_key = ?",
      [key],
    );
    return row === undefined ? undefined : roomOf(row);
  };
  return await findOrInsert(find, async () => {
    await driver.transaction(async (sql) => {
      const { id: room } = await insertRoom(sql, { name: key, key, kind: "direct", pair, now });
      for (const user of pair) await insertMember(sql, { room, user, read: 0, now });
    });
    // With the names that the two have.
    const created = await find();
    if (created === undefined) throw new Error(`The conversation ${key} is gone`);
    return created;
  });
}

/** As `Rooms.directsAbove`. */
export async function findDirectsAbove(
  sql: Sql,
  above: number | undefined,
): Promise<{ readonly ids: readonly RoomId[]; readonly last: number }> {
  const [row] = await sql.query("SELECT COALESCE(MAX(room_id), 0) AS last FROM Rooms");
  const last = firstInteger(row === undefined ? [] : [row], "last");
  if (above === undefined) return { ids: [], last };
  const rows = await sql.query(
    "SELECT room_id FROM Rooms WHERE room_id > ? AND room_id <= ? AND kind = 'direct'",
    [above, last],
  );
  return { ids: rows.map((found) => roomIdOf(found)), last };
}
