// Reads what moderators and administrators have decided, as far as it holds now, in SQL.

import {
  integer,
  optionalInteger,
  optionalText,
  roomIdOf,
  text,
  userIdOf,
} from "../column_readers.ts";
import type { BanRecord, RoomId, RoomSanctionRecords, StandingRecord } from "../records.ts";
import { queryAmong, type Row, type Sql } from "../sql.ts";
import type { ServerSanctionRecords } from "./records.ts";
import type { Standing } from "../../wire/frames/moderation.ts";

/** In ModerationState: the number of the latest entry of the log, and whether there is a panic. */
export const LATEST_ENTRY = "entry";
export const PANIC = "panic";

const KNOWN: ReadonlySet<string> = new Set<Standing>(["owner", "moderator", "member", "muted"]);

export const BAN_COLUMNS = "b.ban_id, b.room_id, b.user_id, u.username, b.network, b.author, " +
  "b.reason, b.created, b.ends";
export const BANS = "Bans b LEFT JOIN Users u ON u.user_id = b.user_id";

export function banOf(row: Row): BanRecord {
  return {
    id: integer(row, "ban_id"),
    user: row.user_id === null ? undefined : userIdOf(row),
    name: optionalText(row, "username"),
    network: optionalText(row, "network"),
    by: text(row, "author"),
    reason: text(row, "reason"),
    created: integer(row, "created"),
    ends: optionalInteger(row, "ends"),
  };
}

/** @throws {TypeError} when the column standing holds none */
export function knownStanding(row: Row): Standing {
  const standing = text(row, "standing");
  if (!KNOWN.has(standing)) throw new TypeError("Column standing holds no standing");
  return standing as Standing;
}

export function standingOf(row: Row): StandingRecord {
  return {
    user: userIdOf(row),
    standing: knownStanding(row),
    ends: optionalInteger(row, "ends"),
    isRemoved: integer(row, "removed") === 1,
  };
}

/** The sanctions of these rooms; a room without any may be missing. */
export async function readRoomSanctions(
  sql: Sql,
  rooms: readonly RoomId[],
  now: number,
): Promise<ReadonlyMap<RoomId, RoomSanctionRecords>> {
  const found = new Map<RoomId, { standings: StandingRecord[]; bans: BanRecord[] }>();
  const entryOf = (row: Row) => {
    const room = roomIdOf(row);
    const entry = found.get(room) ?? { standings: [], bans: [] };
    found.set(room, entry);
    return entry;
  };
  const standings = await queryAmong(rooms, (places, some) =>
    sql.query(
      "SELECT room_id, user_id, standing, ends, removed FROM Standings " +
        `WHERE room_id IN (${places})`,
      some,
    ));
  for (const row of standings) entryOf(row).standings.push(standingOf(row));
  const bans = await queryAmong(rooms, (places, some) =>
    sql.query(
      `SELECT ${BAN_COLUMNS} FROM ${BANS} WHERE b.room_id IN (${places}) ` +
        "AND (b.ends IS NULL OR b.ends > ?)",
      [...some, now],
    ));
  for (const row of bans) entryOf(row).bans.push(banOf(row));
  return found;
}

/** What holds for the server. The entry is read first: what is done meanwhile is followed again. */
export async function readServerSanctions(sql: Sql, now: number): Promise<ServerSanctionRecords> {
  const meta = await sql.query("SELECT name, value FROM ModerationState WHERE name IN (?, ?)", [
    LATEST_ENTRY,
    PANIC,
  ]);
  const values = new Map(meta.map((row) => [text(row, "name"), text(row, "value")]));
  const bans = await sql.query(
    `SELECT ${BAN_COLUMNS} FROM ${BANS} ` +
      "WHERE b.room_id IS NULL AND (b.ends IS NULL OR b.ends > ?)",
    [now],
  );
  return {
    entry: Number(values.get(LATEST_ENTRY) ?? 0),
    isPanic: values.get(PANIC) === "on",
    bans: bans.map(banOf),
  };
}
