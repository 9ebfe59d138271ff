// Who belongs to which room and has read how far, in SQL.

import { integer, text } from "./columns.ts";
import type { Members, Membership, RoomId, UserId, UserRecord } from "./repository.ts";
import { ROOM_COLUMNS, roomOf } from "./rooms.ts";
import { isSqlError, limitTo, padToPower, places, type Row, type SqlDriver } from "./sql.ts";
import { userOf } from "./users.ts";

/** Unread messages that are counted at most. */
const MOST_UNREAD = 1_000;
/** Events of a room that are looked at for them: one's own may be many, too. */
const MOST_LOOKED_AT = 10_000;

/** What others said in a stretch of a room: room, from, to, oneself. */
const BY_OTHERS =
  "room_id = ? AND seq BETWEEN ? AND ? AND user_id <> ? AND kind IN ('message', 'response')";

export class SqlMembers implements Members {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async add(
    member: { room: RoomId; user: UserId; read: number; now: number },
  ): Promise<{ read: number; added: boolean }> {
    const { room, user, read, now } = member;
    const known = await this.#findRead(room, user);
    if (known !== undefined) return { read: known, added: false };
    try {
      await this.#sql.execute(
        "INSERT INTO Members (room_id, user_id, read_seq, joined) VALUES (?, ?, ?, ?)",
        [room, user, read, now],
      );
      return { read, added: true };
    } catch (error) {
      // Another connection of the same user was quicker.
      const other = isSqlError(error, "duplicate") ? await this.#findRead(room, user) : undefined;
      if (other === undefined) throw error;
      return { read: other, added: false };
    }
  }

  async remove(member: { room: RoomId; user: UserId }): Promise<boolean> {
    const { changes } = await this.#sql.execute(
      "DELETE FROM Members WHERE room_id = ? AND user_id = ?",
      [member.room, member.user],
    );
    return changes > 0;
  }

  async count(room: RoomId): Promise<number> {
    return await this.#count("SELECT COUNT(*) AS members FROM Members WHERE room_id = ?", room);
  }

  async list(
    room: RoomId,
    options: { after?: string | undefined; limit: number },
  ): Promise<readonly UserRecord[]> {
    const rows = await this.#sql.query(
      "SELECT u.user_id, u.username, u.role FROM Members m JOIN Users u ON u.user_id = m.user_id " +
        "WHERE m.room_id = ? AND u.username > ? ORDER BY u.username, u.user_id" +
        limitTo(options.limit),
      [room, options.after ?? ""],
    );
    return rows.map(userOf);
  }

  async ofUser(
    user: UserId,
    options: { order: "activity" | "key"; after?: string | undefined; limit: number },
  ): Promise<readonly Membership[]> {
    const order = options.order === "key" ? "r.name_key" : "r.last_time DESC, r.room_id";
    const rows = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS}, m.read_seq FROM Members m JOIN Rooms r ON r.room_id = m.room_id ` +
        `WHERE m.user_id = ? AND r.name_key > ? ORDER BY ${order}` + limitTo(options.limit),
      [user, options.after ?? ""],
    );
    return rows.map(membershipOf);
  }

  async among(
    user: UserId,
    rooms: readonly RoomId[],
  ): Promise<ReadonlyMap<RoomId, Membership>> {
    if (rooms.length === 0) return new Map();
    const padded = padToPower(rooms);
    const rows = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS}, m.read_seq FROM Members m JOIN Rooms r ON r.room_id = m.room_id ` +
        `WHERE m.user_id = ? AND m.room_id IN (${places(padded.length)})`,
      [user, ...padded],
    );
    return new Map(rows.map((row) => [integer(row, "room_id"), membershipOf(row)]));
  }

  async countOf(user: UserId): Promise<number> {
    return await this.#count("SELECT COUNT(*) AS members FROM Members WHERE user_id = ?", user);
  }

  async markRead(member: { room: RoomId; user: UserId; seq: number }): Promise<boolean> {
    const { room, user, seq } = member;
    const { changes } = await this.#sql.execute(
      "UPDATE Members SET read_seq = ? WHERE room_id = ? AND user_id = ? AND read_seq < ?",
      [seq, room, user, seq],
    );
    return changes > 0 || await this.#findRead(room, user) !== undefined;
  }

  async unread(
    member: { room: RoomId; user: UserId; read: number; name: string },
  ): Promise<{ unread: number; mentions: number }> {
    const { room, user, read, name } = member;
    const [row] = await this.#sql.query("SELECT last_seq FROM Rooms WHERE room_id = ?", [room]);
    const last = row === undefined ? 0 : integer(row, "last_seq");
    const from = Math.max(read, last - MOST_LOOKED_AT) + 1;
    if (from > last) return { unread: 0, mentions: 0 };
    const [counted] = await this.#sql.query(
      "SELECT COUNT(*) AS unread, MIN(seq) AS lowest FROM (SELECT seq " +
        `FROM Messages WHERE ${BY_OTHERS} ORDER BY seq DESC LIMIT ${MOST_UNREAD}) AS newest`,
      [room, from, last, user],
    );
    const unread = counted === undefined ? 0 : integer(counted, "unread");
    if (counted === undefined || unread === 0) return { unread: 0, mentions: 0 };
    // LOWER may fold more than ASCII, so this finds too many and the pattern decides.
    const candidates = await this.#sql.query(
      `SELECT content FROM Messages WHERE ${BY_OTHERS} AND INSTR(LOWER(content), ?) > 0`,
      [room, integer(counted, "lowest"), last, user, `@${name.toLowerCase()}`],
    );
    const mention = mentionOf(name);
    return {
      unread,
      mentions: candidates.filter((row) => mention.test(text(row, "content"))).length,
    };
  }

  async #findRead(room: RoomId, user: UserId): Promise<number | undefined> {
    const [row] = await this.#sql.query(
      "SELECT read_seq FROM Members WHERE room_id = ? AND user_id = ?",
      [room, user],
    );
    return row === undefined ? undefined : integer(row, "read_seq");
  }

  async #count(sql: string, id: number): Promise<number> {
    const [row] = await this.#sql.query(sql, [id]);
    return row === undefined ? 0 : integer(row, "members");
  }
}

function membershipOf(row: Row): Membership {
  return { room: roomOf(row), read: integer(row, "read_seq") };
}

/** `@name` that does not go on with another character of a name. ASCII letters alike: no `u` flag. */
function mentionOf(name: string): RegExp {
  return new RegExp(`@${RegExp.escape(name)}(?![A-Za-z0-9_-])`, "i");
}
