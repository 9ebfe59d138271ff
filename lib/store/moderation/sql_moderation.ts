// Moderation in SQL: acts, their log, and what holds now.

import { integer, optionalInteger, optionalText, text, userIdOf } from "../column_readers.ts";
import {
  type BanRecord,
  type RoomId,
  roomId,
  type UserId,
  userId,
  type UserRecord,
} from "../records.ts";
import type { Moderation } from "./moderation_store.ts";
import { limitTo, type Row, type SqlDriver, type SqlValue } from "../sql.ts";
import { userOf } from "../users.ts";
import { ACTS } from "./act_log.ts";
import { doAct } from "./acts.ts";
import type { ActFacts, ActRecord, NewAct, ServerSanctionRecords } from "./records.ts";
import { BAN_COLUMNS, banOf, BANS, readServerSanctions } from "./sanctions.ts";

const ENTRY_COLUMNS = "e.entry_id, e.room_id, e.room_name, e.act, e.user_id, e.author, " +
  "e.target_id, e.target_name, e.network, e.detail, e.ends, e.reason, e.time";
/** The name of a guest without a name of their own holds their number. */
const NUMBERED = /^legacy-([1-9][0-9]{0,14})$/;

export class SqlModeration implements Moderation {
  readonly start: ServerSanctionRecords;
  readonly #sql: SqlDriver;
  readonly #now: () => number;

  constructor(sql: SqlDriver, options: { start: ServerSanctionRecords; now: () => number }) {
    this.#sql = sql;
    this.#now = options.now;
    this.start = options.start;
  }

  act(
    act: NewAct,
    check: (facts: ActFacts) => void,
  ): Promise<{ readonly record: ActRecord; readonly ban: number | undefined }> {
    return this.#sql.transaction((sql) => doAct(sql, act, check));
  }

  serverSanctions(): Promise<ServerSanctionRecords> {
    return readServerSanctions(this.#sql, this.#now());
  }

  async actsAfter(entry: number, limit: number): Promise<readonly ActRecord[]> {
    const rows = await this.#sql.query(
      `SELECT ${ENTRY_COLUMNS} FROM ModerationLog e WHERE e.entry_id > ? ORDER BY e.entry_id` +
        limitTo(limit),
      [entry],
    );
    return rows.map(actOf);
  }

  async acts(options: {
    room: RoomId | undefined;
    reader: UserId;
    before: number | undefined;
    limit: number;
  }): Promise<readonly ActRecord[]> {
    const { room, reader, before = Number.MAX_SAFE_INTEGER, limit } = options;
    const order = "ORDER BY e.entry_id DESC" + limitTo(limit);
    const rows = room === undefined
      ? await this.#sql.query(
        `SELECT ${ENTRY_COLUMNS} FROM ModerationLog e LEFT JOIN Rooms r ON r.room_id = e.room_id ` +
          "WHERE e.entry_id < ? AND (r.room_id IS NULL OR r.kind = 'public' OR EXISTS " +
          "(SELECT 1 FROM Members m WHERE m.room_id = e.room_id AND m.user_id = ?)) " + order,
        [before, reader],
      )
      : await this.#sql.query(
        `SELECT ${ENTRY_COLUMNS} FROM ModerationLog e WHERE e.room_id = ? AND e.entry_id < ? ` +
          order,
        [room, before],
      );
    return rows.map(actOf);
  }

  async bans(options: {
    room: RoomId | undefined;
    after: number | undefined;
    limit: number;
  }): Promise<readonly BanRecord[]> {
    const { room, after = 0, limit } = options;
    const where = room === undefined ? "b.room_id IS NULL" : "b.room_id = ?";
    const params: SqlValue[] = room === undefined ? [] : [room];
    const rows = await this.#sql.query(
      `SELECT ${BAN_COLUMNS} FROM ${BANS} WHERE ${where} AND b.ban_id > ? ` +
        "AND (b.ends IS NULL OR b.ends > ?) ORDER BY b.ban_id" + limitTo(limit),
      [...params, after, this.#now()],
    );
    return rows.map(banOf);
  }

  async findUser(nameKey: string): Promise<UserRecord | undefined> {
    const columns = "SELECT user_id, username, role FROM Users WHERE ";
    const [row] = await this.#sql.query(columns + "name_key = ?", [nameKey]);
    if (row !== undefined) return userOf(row);
    const number = NUMBERED.exec(nameKey)?.[1];
    if (number === undefined) return undefined;
    const [numbered] = await this.#sql.query(columns + "user_id = ? AND username = ?", [
      userId(Number(number)),
      nameKey,
    ]);
    return numbered === undefined ? undefined : userOf(numbered);
  }
}

function actOf(row: Row): ActRecord {
  const room = optionalInteger(row, "room_id");
  const target = optionalInteger(row, "target_id");
  const act = ACTS.find((known) => known === text(row, "act"));
  if (act === undefined) throw new TypeError("Column act holds no act");
  return {
    entry: integer(row, "entry_id"),
    act,
    time: integer(row, "time"),
    user: userIdOf(row),
    from: text(row, "author"),
    room: room === undefined ? undefined : roomId(room),
    roomName: optionalText(row, "room_name"),
    target: target === undefined ? undefined : userId(target),
    targetName: optionalText(row, "target_name"),
    network: optionalText(row, "network"),
    detail: optionalText(row, "detail"),
    ends: optionalInteger(row, "ends"),
    reason: text(row, "reason"),
  };
}
