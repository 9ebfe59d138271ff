// Memberships that begin, in SQL: each is counted, unless a ban holds. Part of the transactions of others, too.

import { text } from "./column_readers.ts";
import { writeEntry } from "./moderation/act_log.ts";
import type { Actor } from "./moderation/records.ts";
import type { RoomId, UserId } from "./records.ts";
import { BannedError } from "./repository.ts";
import type { Transaction } from "./sql.ts";

/** A membership that is to be stored. */
export interface NewMember {
  readonly room: RoomId;
  readonly user: UserId;
  readonly read: number;
  readonly now: number;
}

/**
 * Stores a membership and counts it. The room's row is changed first, as wherever both are changed.
 * A user who was removed and joins is a new member; a ban that holds is looked at under the lock, too.
 *
 * @throws {SqlError} of kind `duplicate` when there is one already
 * @throws {BannedError} when the user is banned from the room
 */
export async function insertMember(sql: Transaction, member: NewMember): Promise<void> {
  const { room, user, read, now } = member;
  await sql.execute("UPDATE Rooms SET member_count = member_count + 1 WHERE room_id = ?", [room]);
  const { changes } = await sql.execute(
    "INSERT INTO Members (room_id, user_id, name_key, room_key, read_seq, read_number, joined) " +
      `SELECT r.room_id, u.user_id, LOWER(u.username), r.name_key, ?, ${NUMBER_AT}, ? ` +
      `FROM Rooms r JOIN Users u ON u.user_id = ? WHERE r.room_id = ? AND NOT EXISTS ${BAN}`,
    [read, room, read, now, user, room, room, user, now],
  );
  if (changes !== 1) {
    const bans = await sql.query(BAN.slice(1, -1), [room, user, now]);
    if (bans.length > 0) throw new BannedError(`User ${user} is banned from room ${room}`);
    throw new Error(`There is no room ${room} or no user ${user}`);
  }
  const returned = await sql.execute(
    "UPDATE Standings SET removed = 0 WHERE room_id = ? AND user_id = ? AND removed = 1",
    [room, user],
  );
  if (returned.changes === 0) return;
  await sql.execute("UPDATE Rooms SET moderated = moderated + 1 WHERE room_id = ?", [room]);
}

/** Logs that one user has made another a member. */
export async function logAdded(
  sql: Transaction,
  entry: number,
  { room, user, by, now }: NewMember & { by: Actor },
): Promise<void> {
  const [row] = await sql.query(
    "SELECT r.name, u.username FROM Rooms r JOIN Users u ON u.user_id = ? WHERE r.room_id = ?",
    [user, room],
  );
  const [roomName, targetName] = [text(row ?? {}, "name"), text(row ?? {}, "username")];
  const about = { room, roomName, target: user, targetName };
  await writeEntry(sql, entry, { act: "add", time: now, by, ...about });
}

/** A ban of a user from a room that holds at a time. */
const BAN = "(SELECT 1 FROM Bans b WHERE b.room_id = ? AND b.user_id = ? " +
  "AND (b.ends IS NULL OR b.ends > ?))";

/** The number of the last message up to a seq: takes the room and the seq. */
export const NUMBER_AT = "COALESCE((SELECT COALESCE(e.number, e.seq) FROM Messages e " +
  "WHERE e.room_id = ? AND e.seq = ?), 0)";
