// Ends tokens that were not used for a long time. With the last token of a guest it ends the guest's
// memberships, bookmarks and name. It uses small transactions: the next run finishes an interrupted one.

import { roomIdOf, userIdOf } from "./column_readers.ts";
import { TOKEN_MS } from "./people/token_rows.ts";
import type { UserId } from "./records.ts";
import {
  limitTo,
  padToPowerOfTwo,
  placeholders,
  type Sql,
  type SqlDriver,
  type Transaction,
} from "./sql.ts";

/** Users whose expired tokens are looked up at once, and memberships that end in one transaction. */
const EXPIRE_STEP = 256;
const MEMBERSHIPS_STEP = 64;

/** For how long ended tokens are listed for other servers. */
const LISTED_MS = 86_400_000;

/** What has ended: tokens last used before `before`, and those whose own end is not after `now`. */
interface Ends {
  readonly before: number;
  readonly now: number;
}

/** Ends what has expired; an administrator's token does not, unless it says when. @throws {SqlError} */
export async function expireTokens(sql: SqlDriver, { now }: { now: number }): Promise<void> {
  const ends = { before: now - TOKEN_MS, now };
  for (const find of [findUnused, findOver]) {
    for (;;) {
      const users = await find(sql, ends);
      for (const user of users) await expireAllOf(sql, user, ends);
      if (users.length < EXPIRE_STEP) break;
    }
  }
  await sql.execute("DELETE FROM EndedTokens WHERE ended < ?", [now - LISTED_MS]);
}

/** The same for one user. @throws {SqlError} */
export function expireTokensOf(
  sql: SqlDriver,
  user: UserId,
  { now }: { now: number },
): Promise<void> {
  return expireAllOf(sql, user, { before: now - TOKEN_MS, now });
}

async function expireAllOf(sql: SqlDriver, user: UserId, ends: Ends): Promise<void> {
  while (await sql.transaction((sql) => expireSome(sql, user, ends))) {
    // The rest of the memberships, in a transaction of its own.
  }
}

/** Some of the users whose tokens were not used for long. */
async function findUnused(sql: Sql, { before }: Ends): Promise<readonly UserId[]> {
  const rows = await sql.query(
    "SELECT DISTINCT t.user_id FROM Tokens t JOIN Users u ON u.user_id = t.user_id " +
      "WHERE t.last_used < ? AND t.expires IS NULL AND u.role <> 'admin'" + limitTo(EXPIRE_STEP),
    [before],
  );
  return rows.map((row) => userIdOf(row));
}

/** Some of the users who have tokens that are over. */
async function findOver(sql: Sql, { now }: Ends): Promise<readonly UserId[]> {
  const rows = await sql.query(
    "SELECT DISTINCT user_id FROM Tokens WHERE expires <= ?" + limitTo(EXPIRE_STEP),
    [now],
  );
  return rows.map((row) => userIdOf(row));
}

/**
 * Ends some memberships of a guest who cannot come back; behind the last of them the tokens, by which an
 * interrupted run finds the rest.
 *
 * @returns whether there are more
 */
async function expireSome(sql: Transaction, user: UserId, ends: Ends): Promise<boolean> {
  const isOver = await isGuestWithoutToken(sql, user, ends);
  const ended = isOver ? await endMemberships(sql, user) : 0;
  if (ended === MEMBERSHIPS_STEP) return true;
  // Used a moment ago, by a connection to another server: then it stays.
  await sql.execute(
    "DELETE FROM Tokens WHERE user_id = ? AND (expires <= ? OR (expires IS NULL AND last_used < ? " +
      "AND NOT EXISTS (SELECT 1 FROM Users u WHERE u.user_id = ? AND u.role = 'admin')))",
    [user, ends.now, ends.before, user],
  );
  if (isOver) await sql.execute("DELETE FROM Bookmarks WHERE user_id = ?", [user]);
  await sql.execute(
    "UPDATE Users SET name_key = NULL, name_skeleton = NULL WHERE user_id = ? AND role = 'guest' " +
      "AND NOT EXISTS (SELECT 1 FROM Tokens WHERE Tokens.user_id = Users.user_id)",
    [user],
  );
  return false;
}

async function isGuestWithoutToken(
  sql: Sql,
  user: UserId,
  { before, now }: Ends,
): Promise<boolean> {
  const rows = await sql.query(
    "SELECT 1 FROM Users u WHERE u.user_id = ? AND u.role = 'guest' " +
      "AND NOT EXISTS (SELECT 1 FROM Tokens t WHERE t.user_id = u.user_id " +
      "AND (t.expires > ? OR (t.expires IS NULL AND t.last_used >= ?)))",
    [user, now, before],
  );
  return rows.length > 0;
}

/** Some of a user's memberships, the rooms' rows first. @returns how many */
async function endMemberships(sql: Transaction, user: UserId): Promise<number> {
  const found = await sql.query(
    "SELECT room_id FROM Members WHERE user_id = ?" + limitTo(MEMBERSHIPS_STEP),
    [user],
  );
  if (found.length === 0) return 0;
  const rooms = padToPowerOfTwo(found.map((row) => roomIdOf(row)));
  const among = `IN (${placeholders(rooms.length)})`;
  await sql.queryLocking(
    `SELECT room_id FROM Rooms WHERE room_id ${among} ORDER BY room_id`,
    rooms,
  );
  // A membership that has ended meanwhile is not counted any more.
  const still = await sql.query(
    `SELECT room_id FROM Members WHERE user_id = ? AND room_id ${among}`,
    [user, ...rooms],
  );
  const ended = padToPowerOfTwo(still.map((row) => roomIdOf(row)));
  if (ended.length > 0) {
    const these = `IN (${placeholders(ended.length)})`;
    await sql.execute(`DELETE FROM Members WHERE user_id = ? AND room_id ${these}`, [
      user,
      ...ended,
    ]);
    await sql.execute(
      "UPDATE Rooms SET member_count = member_count - 1, removals = removals + 1 " +
        `WHERE room_id ${these}`,
      ended,
    );
  }
  return found.length;
}
