// The columns of a room, and how a room is stored under its name.

import { integer, roomIdOf, text, userIdOf } from "../column_readers.ts";
import {
  ROOM_KINDS,
  roomId,
  type RoomKind,
  type RoomRecord,
  type RoomUser,
  type UserId,
} from "../records.ts";
import type { Row, Sql } from "../sql.ts";

/** What `roomOf` reads, of a table Rooms called r. */
export const ROOM_COLUMNS =
  "r.room_id, r.name, r.kind, r.topic, r.owner_id, r.first_seq, r.last_seq, r.member_count, " +
  `r.removals, r.low_id, r.high_id, ${nameOf("low")}, ${nameOf("high")}`;

/** The name of a user of a direct conversation, as it is now; looked up for no other room. */
function nameOf(end: "low" | "high"): string {
  const name = `(SELECT p.username FROM Users p WHERE p.user_id = r.${end}_id)`;
  return `CASE WHEN r.${end}_id IS NOT NULL THEN ${name} END AS ${end}_name`;
}

/**
 * Keys from here on are those of rooms with names; below it are those of direct conversations, which begin
 * with `@`, and of inquiries, which begin with `?`.
 */
export const FIRST_ROOM_KEY = "A";
/** The same with direct conversations. */
export const FIRST_DIRECT_KEY = "@";

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
    removals: integer(row, "removals"),
    pair: pairOf(row),
  };
}

function pairOf(row: Row): readonly [RoomUser, RoomUser] | undefined {
  if (row.low_id === null || row.high_id === null) return undefined;
  return [
    { user: userIdOf(row, "low_id"), name: text(row, "low_name") },
    { user: userIdOf(row, "high_id"), name: text(row, "high_name") },
  ];
}

function kindOf(row: Row): RoomKind {
  const kind = text(row, "kind");
  if (!KINDS.has(kind)) throw new TypeError("Column kind holds no kind of room");
  return kind as RoomKind;
}

/** A room that is to be stored. */
export interface NewRoom {
  readonly name: string;
  readonly key: string;
  readonly kind: RoomKind;
  readonly owner?: UserId | undefined;
  /** The two users of a direct conversation, the lower number first. */
  readonly pair?: readonly [UserId, UserId] | undefined;
  readonly now: number;
}

/** @throws {SqlError} of kind `duplicate` when a room has or once had the key */
export async function insertRoom(sql: Sql, room: NewRoom): Promise<RoomRecord> {
  const { name, key, kind, owner, pair: [low, high] = [], now } = room;
  const { insertId } = await sql.execute(
    "INSERT INTO Rooms (name, name_key, kind, owner_id, low_id, high_id, created) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [name, key, kind, owner ?? null, low ?? null, high ?? null, now],
  );
  const id = roomId(insertId);
  await sql.execute("INSERT INTO RoomNames (name_key, room_id) VALUES (?, ?)", [key, id]);
  const counts = { first: 1, last: 0, members: 0, removals: 0 };
  return { id, name, kind, topic: "", owner, pair: undefined, ...counts };
}
