// Converts the old program's rows: gives names their keys, replaces missing authors, and gives each
// message its seq and time in the lobby. Every function may run again after an interruption.

import { integer, optionalInteger, text } from "../../store/column_readers.ts";
import { readZone } from "./tables.ts";
import {
  isSqlError,
  limitTo,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type Sql,
} from "../../store/sql.ts";

/** The lobby's id, which sql/mysql/legacy_messages.sql gives to all old messages. */
const LOBBY_ID = 1;
/** Lower than every id. */
const BEFORE_ALL_IDS = Number.MIN_SAFE_INTEGER;
/** Rows a statement. */
const BATCH = 256;
/** An id above this gets no row of its own: the ids after it would soon be used up. */
const HIGHEST_UNKNOWN = 2_000_000_000;

/**
 * UTC milliseconds of an old DATETIME; NULL for an invalid one such as 0000-00-00. The parameter is
 * the time zone.
 */
const TIME =
  "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', CONVERT_TZ(timestamp, ?, '+00:00')) DIV 1000";

/**
 * Gives each name key to the first user with that name.
 *
 * @param keyOf undefined for a name that no account can have
 */
export async function assignNameKeys(
  sql: Sql,
  keyOf: (name: string) => string | undefined,
): Promise<void> {
  const taken = new Set<string>();
  for (let last = BEFORE_ALL_IDS;;) {
    const rows = await sql.query(
      "SELECT user_id, username FROM Users WHERE user_id > ? ORDER BY user_id" + limitTo(BATCH),
      [last],
    );
    const keyed: [id: number, key: string][] = [];
    for (const row of rows) {
      last = integer(row, "user_id");
      const key = keyOf(text(row, "username"));
      if (key === undefined || taken.has(key)) continue;
      taken.add(key);
      keyed.push([last, key]);
    }
    await setKeys(sql, keyed);
    if (rows.length < BATCH) return;
  }
}

async function setKeys(sql: Sql, keyed: readonly (readonly [number, string])[]): Promise<void> {
  if (keyed.length === 0) return;
  const padded = padToPowerOfTwo(keyed);
  await sql.execute(
    `UPDATE Users SET name_key = CASE user_id ${"WHEN ? THEN ? ".repeat(padded.length)}END ` +
      `WHERE user_id IN (${placeholders(padded.length)})`,
    [...padded.flat(), ...padded.map(([id]) => id)],
  );
}

/** Creates the lobby with its id, unless it exists. */
export async function createLobby(sql: Sql, now: number): Promise<void> {
  await insertOnce(
    sql,
    "INSERT INTO Rooms (room_id, name, name_key, kind, created) " +
      "VALUES (?, 'lobby', 'lobby', 'public', ?)",
    [LOBBY_ID, now],
  );
  await insertOnce(sql, "INSERT INTO RoomNames (name_key, room_id) VALUES ('lobby', ?)", [
    LOBBY_ID,
  ]);
}

async function insertOnce(sql: Sql, statement: string, params: readonly number[]): Promise<void> {
  try {
    await sql.execute(statement, params);
  } catch (error) {
    if (!isSqlError(error, "duplicate")) throw error;
  }
}

/**
 * Moves the ids of missing users into the range of ids that a user row can have: all ids outside
 * it, and NULLs, become one id after all others.
 */
export async function renumberMissingAuthors(sql: Sql): Promise<void> {
  const [row = {}] = await sql.query(
    "SELECT GREATEST(COALESCE((SELECT MAX(user_id) FROM Users), 0), " +
      "COALESCE((SELECT MAX(user_id) FROM Messages WHERE user_id <= ?), 0)) + 1 AS next",
    [HIGHEST_UNKNOWN],
  );
  await sql.execute(
    "UPDATE Messages m LEFT JOIN Users u ON u.user_id = m.user_id SET m.user_id = ? " +
      "WHERE u.user_id IS NULL AND (m.user_id IS NULL OR m.user_id < 1 OR m.user_id > ?)",
    [integer(row, "next"), HIGHEST_UNKNOWN],
  );
}

interface NumberingOptions {
  /** UTC milliseconds: no message gets a later time. */
  readonly now: number;
  /** Called after each batch. */
  readonly onProgress: (done: number) => void;
}

/**
 * Numbers all messages from 1, in order of message_id. A message's time is its old timestamp in the
 * time zone of the database's sessions, or the time of the previous message when that is later or
 * this one has none.
 */
export async function numberMessages(sql: Sql, options: NumberingOptions): Promise<void> {
  const { now, onProgress } = options;
  const zone = await readZone(sql);
  let { id, seq, time } = await findLast(sql, { zone, now });
  for (;;) {
    const rows = await sql.query(
      `SELECT message_id, ${TIME} AS at FROM Messages WHERE message_id > ? ` +
        "ORDER BY message_id" + limitTo(BATCH),
      [zone, id],
    );
    const numbered: NumberedMessage[] = [];
    for (const row of rows) {
      id = integer(row, "message_id");
      time = Math.max(time, timeOf(row, now) ?? 0);
      numbered.push({ id, seq: ++seq, time });
    }
    await setNumbers(sql, numbered);
    onProgress(seq);
    if (rows.length < BATCH) return;
  }
}

interface NumberedMessage {
  readonly id: number;
  readonly seq: number;
  readonly time: number;
}

/** The last numbered message of an interrupted run, or the position before the first message. */
async function findLast(
  sql: Sql,
  { zone, now }: { zone: string; now: number },
): Promise<NumberedMessage> {
  const [last] = await sql.query(
    "SELECT message_id, seq, time FROM Messages WHERE room_id = ? AND seq IS NOT NULL " +
      "ORDER BY seq DESC LIMIT 1",
    [LOBBY_ID],
  );
  if (last !== undefined) {
    return {
      id: integer(last, "message_id"),
      seq: integer(last, "seq"),
      time: integer(last, "time"),
    };
  }
  // Messages without a time at the beginning get the time of the first message that has one.
  const [first = { at: null }] = await sql.query(
    `SELECT ${TIME} AS at FROM Messages WHERE ${TIME} IS NOT NULL ORDER BY message_id LIMIT 1`,
    [zone, zone],
  );
  return { id: BEFORE_ALL_IDS, seq: 0, time: timeOf(first, now) ?? now };
}

/** Neither before 1970 nor in the future: one wrong clock must not affect all later messages. */
function timeOf(row: Row, now: number): number | undefined {
  const at = optionalInteger(row, "at");
  return at === undefined ? undefined : Math.min(Math.max(at, 0), now);
}

async function setNumbers(sql: Sql, numbered: readonly NumberedMessage[]): Promise<void> {
  const [first, last] = [numbered[0], numbered.at(-1)];
  if (first === undefined || last === undefined) return;
  const cases = "WHEN ? THEN ? ".repeat(numbered.length);
  await sql.execute(
    `UPDATE Messages SET seq = CASE message_id ${cases}END, time = CASE message_id ${cases}END ` +
      "WHERE message_id BETWEEN ? AND ?",
    [
      ...numbered.flatMap(({ id, seq }) => [id, seq]),
      ...numbered.flatMap(({ id, time }) => [id, time]),
      first.id,
      last.id,
    ],
  );
}
