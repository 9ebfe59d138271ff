// The rooms of notes in the store: one for each inquiry about which something was noted.

import { notesRoom } from "../../wire/room_ref.ts";
import type { InquiryRecord, RoomRecord } from "../records.ts";
import { insertRoom, ROOM_COLUMNS, roomOf } from "../rooms/room_columns.ts";
import { findOrInsert, type Sql, type SqlDriver } from "../sql.ts";

/** The room of the notes about an inquiry, created when it is missing: two servers may do this at once. */
export function openNotes(
  driver: SqlDriver,
  { id, asker }: Pick<InquiryRecord, "id" | "asker">,
  { now }: { now: number },
): Promise<RoomRecord> {
  return findOrInsert(
    () => findNotes(driver, id),
    () =>
      driver.transaction(async (sql) => {
        const name = notesRoom(id);
        const room = await insertRoom(sql, {
          name,
          key: name,
          kind: "notes",
          owner: asker.id,
          now,
        });
        await sql.execute("UPDATE Inquiries SET notes_id = ? WHERE inquiry_id = ?", [room.id, id]);
        return room;
      }),
  );
}

async function findNotes(sql: Sql, inquiry: number): Promise<RoomRecord | undefined> {
  const [row] = await sql.query(
    `SELECT ${ROOM_COLUMNS} FROM Inquiries i JOIN Rooms r ON r.room_id = i.notes_id ` +
      "WHERE i.inquiry_id = ?",
    [inquiry],
  );
  return row && roomOf(row);
}
