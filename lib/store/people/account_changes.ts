// Which accounts have changed, for the other servers of the store: a list that each of them follows by numbers.

import { integer, optionalInteger, userIdOf } from "../column_readers.ts";
import type { UserId } from "../records.ts";
import { limitTo, type Sql } from "../sql.ts";

/** How many changes are read at once, and from how far back: transactions may commit out of order. */
const CHANGES_AT_ONCE = 1_000;
const OVERLAP = 64;
/** For how long changes are listed for other servers. */
const LISTED_MS = 86_400_000;

/** Lists a change of the user. To be called in the transaction that makes it. */
export async function noteChange(sql: Sql, user: UserId, now: number): Promise<void> {
  await sql.execute("INSERT INTO AccountChanges (user_id, changed) VALUES (?, ?)", [user, now]);
}

/** The users whose changes have a number above `after`, and some of those below, and the last number. */
export async function readChanges(
  sql: Sql,
  after: number,
): Promise<{ readonly users: readonly UserId[]; readonly last: number }> {
  const rows = await sql.query(
    "SELECT change_id, user_id FROM AccountChanges WHERE change_id > ? ORDER BY change_id" +
      limitTo(CHANGES_AT_ONCE + OVERLAP),
    [Math.max(0, after - OVERLAP)],
  );
  const last = rows.at(-1);
  return {
    users: [...new Set(rows.map((row) => userIdOf(row)))],
    last: last === undefined ? after : Math.max(after, integer(last, "change_id")),
  };
}

/** The number of the last change; 0 when none is listed. */
export async function findLastChange(sql: Sql): Promise<number> {
  const [row] = await sql.query("SELECT MAX(change_id) AS last FROM AccountChanges");
  return row === undefined ? 0 : optionalInteger(row, "last") ?? 0;
}

/** Removes what every server has seen. */
export async function expireChanges(sql: Sql, now: number): Promise<void> {
  await sql.execute("DELETE FROM AccountChanges WHERE changed < ?", [now - LISTED_MS]);
}
