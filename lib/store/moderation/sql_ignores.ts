// Who ignores whom, in SQL.

import type { UserId, UserRecord } from "../records.ts";
import type { Ignores } from "./moderation_store.ts";
import { firstInteger } from "../column_readers.ts";
import { isSqlError, type SqlDriver } from "../sql.ts";
import { userOf } from "../users.ts";

export class SqlIgnores implements Ignores {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async add(user: UserId, ignored: UserId, most: number): Promise<boolean> {
    const pair = [user, ignored];
    const known = await this.#sql.query(
      "SELECT 1 FROM Ignores WHERE user_id = ? AND ignored_id = ?",
      pair,
    );
    if (known.length > 0) return true;
    const rows = await this.#sql.query("SELECT COUNT(*) AS n FROM Ignores WHERE user_id = ?", [
      user,
    ]);
    if (firstInteger(rows, "n") >= most) return false;
    try {
      await this.#sql.execute("INSERT INTO Ignores (user_id, ignored_id) VALUES (?, ?)", pair);
    } catch (error) {
      // Another connection of the user has asked for the same.
      if (!isSqlError(error, "duplicate")) throw error;
    }
    return true;
  }

  async remove(user: UserId, ignored: UserId): Promise<void> {
    await this.#sql.execute("DELETE FROM Ignores WHERE user_id = ? AND ignored_id = ?", [
      user,
      ignored,
    ]);
  }

  async list(user: UserId): Promise<readonly UserRecord[]> {
    const rows = await this.#sql.query(
      "SELECT u.user_id, u.username, u.role FROM Ignores i " +
        "JOIN Users u ON u.user_id = i.ignored_id WHERE i.user_id = ? ORDER BY u.username",
      [user],
    );
    return rows.map(userOf);
  }
}
