// Rooms by name, in SQL.

import { firstInteger, integer, roomIdOf, text } from "../column_readers.ts";
import type { Rooms } from "../repository.ts";
import type { RoomForUser, RoomId, RoomRecord, UnusedRoom, UserId } from "../records.ts";
import { readRoomSanctions } from "../moderation/sanctions.ts";
import { findOrInsert, limitTo, queryAmong, type Row, type SqlDriver } from "../sql.ts";
import { createDirect, findDirectsAbove } from "./direct_rooms.ts";
import { FIRST_ROOM_KEY, insertRoom, type NewRoom, ROOM_COLUMNS, roomOf } from "./room_columns.ts";
import { findUnused, keepRooms, removeUnused } from "./unused_rooms.ts";

export class SqlRooms implements Rooms {
  readonly #sql: SqlDriver;
  readonly #now: () => number;

  constructor(sql: SqlDriver, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  async find(key: string): Promise<RoomRecord | undefined> {
    const rows = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS}, r.moderated FROM RoomNames n ` +
        "JOIN Rooms r ON r.room_id = n.room_id WHERE n.name_key = ?",
      [key],
    );
    const [room] = await this.#withSanctions(rows);
    return room;
  }

  async findFor(
    user: UserId,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, RoomForUser>> {
    const rows = await queryAmong(keys, (places, some) =>
      this.#sql.query(
        `SELECT ${ROOM_COLUMNS}, r.moderated, n.name_key AS asked, m.user_id AS member_id ` +
          "FROM RoomNames n " +
          "JOIN Rooms r ON r.room_id = n.room_id " +
          "LEFT JOIN Members m ON m.room_id = r.room_id AND m.user_id = ? " +
          `WHERE n.name_key IN (${places})`,
        [user, ...some],
      ));
    const rooms = await this.#withSanctions(rows);
    return new Map(
      rows.flatMap((row, at) => {
        const room = rooms[at];
        return room === undefined
          ? []
          : [[text(row, "asked"), { room, isMember: row.member_id !== null }]];
      }),
    );
  }

  async findMany(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, RoomRecord>> {
    const rows = await queryAmong(
      rooms,
      (places, some) =>
        this.#sql.query(
          `SELECT ${ROOM_COLUMNS}, r.moderated FROM Rooms r WHERE r.room_id IN (${places})`,
          some,
        ),
    );
    return new Map((await this.#withSanctions(rows)).map((room) => [room.id, room]));
  }

  create(room: NewRoom): Promise<RoomRecord> {
    return findOrInsert(
      () => this.find(room.key),
      () => this.#sql.transaction((sql) => insertRoom(sql, room)),
    );
  }

  createDirect(
    room: { key: string; users: readonly [UserId, UserId]; now: number },
  ): Promise<RoomRecord> {
    return createDirect(this.#sql, room);
  }

  directsAbove(
    above: number | undefined,
  ): Promise<{ readonly ids: readonly RoomId[]; readonly last: number }> {
    return findDirectsAbove(this.#sql, above);
  }

  async countOwned(owner: UserId): Promise<number> {
    const rows = await this.#sql.query(
      "SELECT COUNT(*) AS rooms FROM Rooms WHERE owner_id = ? AND kind IN ('public', 'private')",
      [owner],
    );
    return firstInteger(rows, "rooms");
  }

  async list(
    options: { after?: string | undefined; limit: number; member?: UserId | undefined },
  ): Promise<readonly RoomRecord[]> {
    const { after = "", limit, member } = options;
    const open = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS}, r.name_key AS sorted FROM Rooms r ` +
        "WHERE r.kind = 'public' AND r.name_key > ? ORDER BY r.name_key" + limitTo(limit),
      [after],
    );
    const own = member === undefined ? [] : await this.#sql.query(
      `SELECT ${ROOM_COLUMNS}, r.name_key AS sorted FROM Members m ` +
        "JOIN Rooms r ON r.room_id = m.room_id WHERE m.user_id = ? AND m.room_key > ? " +
        "AND m.room_key >= ? AND r.kind = 'private' ORDER BY m.room_key" + limitTo(limit),
      [member, after, FIRST_ROOM_KEY],
    );
    return [...open, ...own].map((row) => ({ key: text(row, "sorted"), room: roomOf(row) }))
      .sort((a, b) => a.key < b.key ? -1 : 1).slice(0, limit).map(({ room }) => room);
  }

  keep(rooms: readonly RoomId[]): Promise<number> {
    return keepRooms(this.#sql, rooms);
  }

  unused(
    { from }: { from: number },
  ): Promise<{ readonly rooms: readonly UnusedRoom[]; readonly next: number | undefined }> {
    return findUnused(this.#sql, from);
  }

  removeUnused(rooms: readonly UnusedRoom[]): Promise<readonly RoomId[]> {
    return this.#sql.transaction((sql) => removeUnused(sql, rooms));
  }

  async removals(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>> {
    const rows = await queryAmong(
      rooms,
      (places, some) =>
        this.#sql.query(`SELECT room_id, removals FROM Rooms WHERE room_id IN (${places})`, some),
    );
    return new Map(rows.map((row) => [roomIdOf(row), integer(row, "removals")]));
  }

  async lastSeqs(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>> {
    const rows = await queryAmong(
      rooms,
      (places, some) =>
        this.#sql.query(`SELECT room_id, last_seq FROM Rooms WHERE room_id IN (${places})`, some),
    );
    return new Map(rows.map((row) => [roomIdOf(row), integer(row, "last_seq")]));
  }

  /** The rooms of these rows; what moderators have decided is read after their versions. */
  async #withSanctions(rows: readonly Row[]): Promise<readonly RoomRecord[]> {
    const moderated = rows.filter((row) => integer(row, "moderated") > 0)
      .map((row) => roomIdOf(row));
    if (moderated.length === 0) return rows.map(roomOf);
    const found = await readRoomSanctions(this.#sql, moderated, this.#now());
    return rows.map((row) => {
      const room = roomOf(row);
      const version = integer(row, "moderated");
      if (version === 0) return room;
      return { ...room, sanctions: { standings: [], bans: [], ...found.get(room.id), version } };
    });
  }
}
