// Messages of ignored users do not count, in SQL: they are no mentions, and not unread.

import { userIdOf } from "../column_readers.ts";
import type { UserId } from "../records.ts";
import { padToPowerOfTwo, placeholders, queryAmong, type Sql } from "../sql.ts";

/** In how many of the newest events of a room the messages of ignored users are looked for. */
const LOOKED_AT = 100;

/**
 * How many of the unread messages of the member `m` in the room `r` are of users whom they ignore, as an
 * expression over tables Members called m and Rooms called r, whose one parameter is the member: among the
 * newest events alone, so that its cost is bounded. Without an ignored user it is one look-up in an index,
 * for all rooms together.
 */
export const UNREAD_IGNORED = "CASE WHEN EXISTS " +
  "(SELECT 1 FROM Ignores g WHERE g.user_id = ?) THEN " +
  "(SELECT COUNT(*) FROM Messages e WHERE e.room_id = m.room_id AND e.seq > m.read_seq " +
  `AND e.seq > r.last_seq - ${LOOKED_AT} AND e.kind IN ('message', 'response') AND EXISTS ` +
  "(SELECT 1 FROM Ignores i WHERE i.user_id = m.user_id AND i.ignored_id = e.user_id)) ELSE 0 END";

/** Whether a user ignores another, among these users and these others. */
export async function findIgnored(
  sql: Sql,
  { users, others }: { users: readonly UserId[]; others: readonly UserId[] },
): Promise<(user: UserId, other: UserId) => boolean> {
  const keyOf = (user: UserId, other: UserId) => `${user} ${other}`;
  const known = padToPowerOfTwo(others);
  const rows = known.length === 0 ? [] : await queryAmong(users, (places, some) =>
    sql.query(
      `SELECT user_id, ignored_id FROM Ignores WHERE user_id IN (${places}) ` +
        `AND ignored_id IN (${placeholders(known.length)})`,
      [...some, ...known],
    ));
  const found = new Set(rows.map((row) => keyOf(userIdOf(row), userIdOf(row, "ignored_id"))));
  return (user, other) => found.has(keyOf(user, other));
}
