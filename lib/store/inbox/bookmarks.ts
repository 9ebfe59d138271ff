// Bookmarks of messages, in SQL.

import { firstInteger, integer, roomIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { RoomId, UserId } from "../records.ts";
import { isSqlError, limitTo, type Sql, type SqlDriver } from "../sql.ts";
import type { Bookmark, BookmarkAdded, Bookmarks } from "./inbox_store.ts";

const COLUMNS = ["room_id", ...EVENT_COLUMNS].map((column) => `m.${column}`).join(", ");

const LIST = `SELECT b.bookmark_id, b.added, ${COLUMNS} FROM Bookmarks b ` +
  "CROSS JOIN Messages m ON m.room_id = b.room_id AND m.seq = b.seq " +
  "WHERE b.user_id = ? AND b.bookmark_id < ? AND m.deleted_seq IS NULL " +
  "ORDER BY b.bookmark_id DESC";

const STANDS = "SELECT seq FROM Messages WHERE room_id = ? AND seq = ? AND deleted_seq IS NULL";

/** Removes all bookmarks of a message, as it is deleted. */
export async function removeBookmarksOf(
  sql: Sql,
  { room, seq }: { room: RoomId; seq: number },
): Promise<void> {
  await sql.execute("DELETE FROM Bookmarks WHERE room_id = ? AND seq = ?", [room, seq]);
}

export class SqlBookmarks implements Bookmarks {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async add(
    { user, room, seq, now, most }: {
      user: UserId;
      room: RoomId;
      seq: number;
      now: number;
      most: number;
    },
  ): Promise<BookmarkAdded> {
    try {
      return await this.#sql.transaction(async (sql) => {
        // The room before the user, as messages are stored: of two transactions neither waits for both.
        await sql.queryLocking("SELECT room_id FROM Rooms WHERE room_id = ?", [room]);
        // Locks the user: one bookmark at a time is counted and added.
        await sql.queryLocking("SELECT user_id FROM Users WHERE user_id = ?", [user]);
        if ((await sql.query(STANDS, [room, seq])).length === 0) return "gone";
        const rows = await sql.query(
          "SELECT COUNT(*) AS n FROM Bookmarks WHERE user_id = ? AND NOT (room_id = ? AND seq = ?)",
          [user, room, seq],
        );
        if (firstInteger(rows, "n") >= most) return "too many";
        await sql.execute(
          "INSERT INTO Bookmarks (user_id, room_id, seq, added) VALUES (?, ?, ?, ?)",
          [user, room, seq, now],
        );
        return "added";
      });
    } catch (error) {
      if (isSqlError(error, "duplicate")) return "added";
      throw error;
    }
  }

  async remove({ user, room, seq }: { user: UserId; room: RoomId; seq: number }): Promise<void> {
    await this.#sql.execute(
      "DELETE FROM Bookmarks WHERE user_id = ? AND room_id = ? AND seq = ?",
      [user, room, seq],
    );
  }

  async list(
    user: UserId,
    { below = Number.MAX_SAFE_INTEGER, limit }: { below: number | undefined; limit: number },
  ): Promise<readonly Bookmark[]> {
    const rows = await this.#sql.query(LIST + limitTo(limit), [user, below]);
    return rows.map((row) => ({
      id: integer(row, "bookmark_id"),
      room: roomIdOf(row),
      added: integer(row, "added"),
      event: eventOf(row),
    }));
  }
}
