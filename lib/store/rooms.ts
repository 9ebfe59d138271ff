// Rooms by name, in SQL.

import { firstInteger, integer, roomIdOf, text, userIdOf } from "./column_readers.ts";
import type { Rooms } from "./repository.ts";
import {
  ROOM_KINDS,
  type RoomId,
  roomId,
  type RoomKind,
  type RoomRecord,
  type UnusedRoom,
  type UserId,
} from "./records.ts";
import { findOrInsert, limitTo, queryAmong, type Row, type Sql, type SqlDriver } from "./sql.ts";
import { findUnused, keepRooms, removeUnused } from "./unused_rooms.ts";

/** What `roomOf` reads, of a table Rooms called r. */
export const ROOM_COLUMNS =
  "r.room_id, r.name, r.kind, r.topic, r.owner_id, r.first_seq, r.last_seq, r.member_count";

const KINDS: ReadonlySet<string> = new Set(ROOM_KINDS);

export function roomOf(row: Row): RoomRecord {
  return {
    id: roomIdOf(row),
    name: text(row, "name"),
    kind: kindOf(row),
    topic: text(row, "topic"),
    first: integer(row, "first_seq"),
    last: integer(row, "last_seq"),
    owner: row.owner_id === null ? undefined : userIdOf(row, "owner_id"),
    members: integer(row, "member_count"),
  };
}

function kindOf(row: Row): RoomKind {
  const kind = text(row, "kind");
  if (!KINDS.has(kind)) throw new TypeError("Column kind holds no kind of room");
  return kind as RoomKind;
}

/** A room that is to be stored. */
interface NewRoom {
  readonly name: string;
  readonly key: string;
  readonly kind: RoomKind;
  readonly owner?: UserId | undefined;
  readonly now: number;
}

/** @throws {SqlError} of kind `duplicate` when a room has or once had the key */
export async function insertRoom(sql: Sql, room: NewRoom): Promise<RoomRecord> {
  const { name, key, kind, owner, now } = room;
  const { insertId } = await sql.execute(
    "INSERT INTO Rooms (name, name_key, kind, owner_id, created) VALUES (?, ?, ?, ?, ?)",
    [name, key, kind, owner ?? null, now],
  );
  const id = roomId(insertId);
  await sql.execute("INSERT INTO RoomNames (name_key, room_id) VALUES (?, ?)", [key, id]);
  return { id, name, kind, topic: "", first: 1, last: 0, owner, members: 0 };
}

export class SqlRooms implements Rooms {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async find(key: string): Promise<RoomRecord | undefined> {
    const [row] = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS} FROM RoomNames n JOIN Rooms r ON r.room_id = n.room_id ` +
        "WHERE n.name_key = ?",
      [key],
    );
    return row === undefined ? undefined : roomOf(row);
  }

  async findAll(keys: readonly string[]): Promise<ReadonlyMap<string, RoomRecord>> {
    const rows = await queryAmong(keys, (places, some) =>
      this.#sql.query(
        `SELECT ${ROOM_COLUMNS}, n.name_key AS asked FROM RoomNames n ` +
          `JOIN Rooms r ON r.room_id = n.room_id WHERE n.name_key IN (${places})`,
        some,
      ));
    return new Map(rows.map((row) => [text(row, "asked"), roomOf(row)]));
  }

  async findMany(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, RoomRecord>> {
    const rows = await queryAmong(
      rooms,
      (places, some) =>
        this.#sql.query(`SELECT ${ROOM_COLUMNS} FROM Rooms r WHERE r.room_id IN (${places})`, some),
    );
    return new Map(rows.map(roomOf).map((room) => [room.id, room]));
  }

  create(room: NewRoom): Promise<RoomRecord> {
    return findOrInsert(
      () => this.find(room.key),
      () => this.#sql.transaction((sql) => insertRoom(sql, room)),
    );
  }

  async countOwned(owner: UserId): Promise<number> {
    const rows = await this.#sql.query(
      "SELECT COUNT(*) AS rooms FROM Rooms WHERE owner_id = ? AND kind = 'public'",
      [owner],
    );
    return firstInteger(rows, "rooms");
  }

  async list(
    options: { after?: string | undefined; limit: number },
  ): Promise<readonly RoomRecord[]> {
    const rows = await this.#sql.query(
      `SELECT ${ROOM_COLUMNS} FROM Rooms r WHERE r.kind = 'public' AND r.name_key > ? ` +
        "ORDER BY r.name_key" + limitTo(options.limit),
      [options.after ?? ""],
    );
    return rows.map(roomOf);
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

  async lastSeqs(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>> {
    const rows = await queryAmong(
      rooms,
      (places, some) =>
        this.#sql.query(`SELECT room_id, last_seq FROM Rooms WHERE room_id IN (${places})`, some),
    );
    return new Map(rows.map((row) => [roomIdOf(row), integer(row, "last_seq")]));
  }
}
