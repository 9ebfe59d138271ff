// The memberships of rooms, and how far each member has read, in SQL. The number of unread messages is a
// difference of two counters, and lists come by an index: nothing here counts or sorts messages.

import { firstInteger, integer, roomIdOf, text, userIdOf } from "./column_readers.ts";
import { UNREAD_MENTIONS } from "./append/mentions.ts";
import { UNREAD_IGNORED } from "./moderation/ignored.ts";
import { lockLog } from "./moderation/act_log.ts";
import type { Actor } from "./moderation/records.ts";
import { OWN_STANDING, ownStandingOf, WITH_STANDING } from "./moderation/own_standing.ts";
import type { ReadPositions } from "./append/read_positions.ts";
import { insertMember, logAdded, type NewMember, NUMBER_AT } from "./new_members.ts";
import type { Members } from "./repository.ts";
import type { Membership, RoomId, UserId, UserRecord } from "./records.ts";
import { FIRST_DIRECT_KEY, FIRST_ROOM_KEY, ROOM_COLUMNS, roomOf } from "./rooms/room_columns.ts";
import { findOrInsert, limitTo, queryAmong, type Row, type SqlDriver } from "./sql.ts";
import { userOf } from "./users.ts";

/**
 * What `membershipOf` reads, of tables Rooms called r, Members called m and what `WITH_STANDING` joins. Its one
 * parameter is the member.
 */
const MEMBERSHIP_COLUMNS =
  `${ROOM_COLUMNS}, m.read_seq, r.last_number - m.read_number - ${UNREAD_IGNORED} AS unread, ` +
  `${UNREAD_MENTIONS} AS mentions, ${OWN_STANDING}`;

export class SqlMembers implements Members {
  readonly #sql: SqlDriver;
  readonly #positions: Pick<ReadPositions, "settle">;
  readonly #now: () => number;

  /** @param options.positions read positions that are known and not written yet */
  constructor(
    sql: SqlDriver,
    options: { positions: Pick<ReadPositions, "settle">; now: () => number },
  ) {
    this.#sql = sql;
    this.#positions = options.positions;
    this.#now = options.now;
  }

  async add(member: NewMember & { by?: Actor | undefined }): Promise<{
    read: number;
    added: boolean;
  }> {
    const { room, user, by } = member;
    let added = false;
    const read = await findOrInsert(() => this.#findRead(room, user), async () => {
      await this.#sql.transaction(async (sql) => {
        const entry = by === undefined ? undefined : await lockLog(sql);
        await insertMember(sql, member);
        if (by !== undefined && entry !== undefined) await logAdded(sql, entry, { ...member, by });
      });
      added = true;
      return member.read;
    });
    return { read, added };
  }

  async remove({ room, user }: { room: RoomId; user: UserId }): Promise<boolean> {
    if (await this.#findRead(room, user) === undefined) return false;
    return await this.#sql.transaction(async (sql) => {
      await sql.queryLocking("SELECT room_id FROM Rooms WHERE room_id = ?", [room]);
      const { changes } = await sql.execute(
        "DELETE FROM Members WHERE room_id = ? AND user_id = ?",
        [room, user],
      );
      if (changes === 0) return false;
      await sql.execute(
        "UPDATE Rooms SET member_count = member_count - 1, removals = removals + 1 " +
          "WHERE room_id = ?",
        [room],
      );
      return true;
    });
  }

  async count(room: RoomId): Promise<number> {
    return await this.#count("SELECT member_count AS members FROM Rooms WHERE room_id = ?", [room]);
  }

  async list(
    room: RoomId,
    options: { after?: string | undefined; limit: number },
  ): Promise<readonly UserRecord[]> {
    const rows = await this.#sql.query(
      "SELECT u.user_id, u.username, u.role, u.is_bot, u.state " +
        "FROM Members m JOIN Users u ON u.user_id = m.user_id " +
        "WHERE m.room_id = ? AND m.name_key > ? ORDER BY m.name_key, m.user_id" +
        limitTo(options.limit),
      [room, options.after ?? ""],
    );
    return rows.map(userOf);
  }

  async ofUser(
    user: UserId,
    options: { order: "activity" | "key"; after?: string | undefined; limit: number },
  ): Promise<readonly Membership[]> {
    const { order, after = "", limit } = options;
    await this.#positions.settle(user);
    const rows = order === "key"
      ? await this.#sql.query(
        `SELECT ${MEMBERSHIP_COLUMNS} FROM Members m JOIN Rooms r ON r.room_id = m.room_id ` +
          `${WITH_STANDING} WHERE m.user_id = ? AND m.room_key > ? ORDER BY m.room_key` +
          limitTo(limit),
        [user, user, after],
      )
      : await this.#sql.query(
        `SELECT ${MEMBERSHIP_COLUMNS}, r.last_time FROM (${latest(limit)}) AS m ` +
          `CROSS JOIN Rooms r ON r.room_id = m.room_id ${WITH_STANDING}`,
        [user, user, FIRST_DIRECT_KEY, user, user],
      );
    // Sorted here: the database would write all columns to a temporary table for it.
    const inOrder = order === "key" ? rows : rows.toSorted(byActivity);
    return inOrder.map((row) => membershipOf(row, { user, now: this.#now() }));
  }

  async among(
    user: UserId,
    rooms: readonly RoomId[],
  ): Promise<ReadonlyMap<RoomId, Membership>> {
    await this.#positions.settle(user);
    const rows = await queryAmong(rooms, (places, some) =>
      this.#sql.query(
        `SELECT ${MEMBERSHIP_COLUMNS} FROM Members m JOIN Rooms r ON r.room_id = m.room_id ` +
          `${WITH_STANDING} WHERE m.user_id = ? AND m.room_id IN (${places})`,
        [user, user, ...some],
      ));
    return new Map(
      rows.map((row) => [roomIdOf(row), membershipOf(row, { user, now: this.#now() })]),
    );
  }

  async usersAmong(room: RoomId, users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const rows = await queryAmong(users, (places, some) =>
      this.#sql.query(
        `SELECT user_id FROM Members WHERE room_id = ? AND user_id IN (${places})`,
        [room, ...some],
      ));
    return new Set(rows.map((row) => userIdOf(row)));
  }

  async common(
    user: UserId,
    { other, limit }: { other: UserId; limit: number },
  ): Promise<readonly string[]> {
    const rows = await this.#sql.query(
      "SELECT r.name FROM Members m JOIN Rooms r ON r.room_id = m.room_id " +
        "JOIN Members o ON o.room_id = m.room_id AND o.user_id = ? " +
        "WHERE m.user_id = ? AND r.kind IN ('public', 'private') ORDER BY m.room_key" +
        limitTo(limit),
      [other, user],
    );
    return rows.map((row) => text(row, "name"));
  }

  async countOf(user: UserId): Promise<number> {
    return await this.#count(
      "SELECT COUNT(*) AS members FROM Members WHERE user_id = ? AND room_key >= ?",
      [user, FIRST_ROOM_KEY],
    );
  }

  async markRead(member: { room: RoomId; user: UserId; seq: number }): Promise<boolean> {
    const { room, user, seq } = member;
    const { changes } = await this.#sql.execute(
      `UPDATE Members SET read_seq = ?, read_number = ${NUMBER_AT} ` +
        "WHERE room_id = ? AND user_id = ? AND read_seq < ?",
      [seq, room, seq, room, user, seq],
    );
    return changes > 0 || await this.#findRead(room, user) !== undefined;
  }

  async #findRead(room: RoomId, user: UserId): Promise<number | undefined> {
    await this.#positions.settle(user);
    const [row] = await this.#sql.query(
      "SELECT read_seq FROM Members WHERE room_id = ? AND user_id = ?",
      [room, user],
    );
    return row === undefined ? undefined : integer(row, "read_seq");
  }

  async #count(sql: string, params: readonly (number | string)[]): Promise<number> {
    return firstInteger(await this.#sql.query(sql, params), "members");
  }
}

/** The order of `latest`. */
function byActivity(one: Row, other: Row): number {
  return integer(other, "last_time") - integer(one, "last_time") || roomIdOf(one) - roomIdOf(other);
}

/** The memberships with the latest activity: unread mentions are looked up for these alone. */
function latest(limit: number): string {
  return "SELECT k.room_id, k.user_id, k.read_seq, k.read_number " +
    `FROM (${candidates(limit)}) AS own ` +
    // In this order: a planner might read all memberships first.
    "CROSS JOIN Members k ON k.room_id = own.room_id AND k.user_id = ? " +
    "CROSS JOIN Rooms o ON o.room_id = k.room_id " +
    "ORDER BY o.last_time DESC, o.room_id" + limitTo(limit);
}

/**
 * A user has few rooms and conversations but may have asked many inquiries: all of the former, the newest of
 * the latter.
 */
function candidates(limit: number): string {
  return "SELECT room_id FROM Members WHERE user_id = ? AND room_key >= ? UNION ALL " +
    "SELECT room_id FROM (SELECT room_id FROM Inquiries WHERE asker_id = ? " +
    "ORDER BY inquiry_id DESC" + limitTo(limit) + ") AS newest";
}

function membershipOf(row: Row, { user, now }: { user: UserId; now: number }): Membership {
  const room = roomOf(row);
  return {
    room,
    standing: ownStandingOf(row, { isOwner: room.owner === user, now }),
    read: integer(row, "read_seq"),
    unread: Math.max(0, integer(row, "unread")),
    mentions: Math.max(0, integer(row, "mentions")),
  };
}
