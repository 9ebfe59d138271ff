// Inserts the rows of a batch, in as few statements as can be kept prepared. Which rows is decided before.

import { BODY_COLUMNS, bodyValues } from "../event_columns.ts";
import type { Draft, RoomId } from "../records.ts";
import { placeholders, type SqlValue, type Transaction } from "../sql.ts";

/** A draft that becomes a row. */
export interface NewRow {
  readonly draft: Draft;
  readonly seq: number;
  /** The message's place among the messages of its room, from 1. */
  readonly number: number;
  readonly time: number;
}

/** Statements of 16, 32, … 256 rows and of fewer than 16: at most two a batch, 31 to prepare. */
const ROWS_A_STEP = 16;
const COLUMNS = [
  "user_id",
  "author",
  "is_guest",
  "is_bot",
  "room_id",
  "seq",
  "number",
  "time",
  "cid",
]
  .concat(BODY_COLUMNS);
const INSERT = `INSERT INTO Messages (${COLUMNS.join(", ")}) VALUES `;
const ROW = `(${placeholders(COLUMNS.length)})`;

/** Never IGNORE, REPLACE or an upsert: those hide a fault, or burn a seq. */
export async function insertRows(sql: Transaction, rows: readonly NewRow[]): Promise<void> {
  const whole = rows.length - rows.length % ROWS_A_STEP;
  for (const part of [rows.slice(0, whole), rows.slice(whole)]) {
    if (part.length === 0) continue;
    const params: SqlValue[] = [];
    for (const { draft, seq, number, time } of part) {
      const { user, from, guest, bot, room, cid, body } = draft;
      params.push(user, from, guest ? 1 : 0, bot ? 1 : 0, room, seq, number, time, cid ?? null);
      params.push(...bodyValues(body));
    }
    await sql.execute(INSERT + `${ROW}, `.repeat(part.length - 1) + ROW, params);
  }
}

/** The last topic of each room is the room's. */
export async function writeTopics(sql: Transaction, rows: readonly NewRow[]): Promise<void> {
  const topics = new Map<RoomId, string>();
  for (const { draft: { room, body } } of rows) {
    if (body.topic !== undefined) topics.set(room, body.topic);
  }
  for (const [room, topic] of topics) {
    await sql.execute("UPDATE Rooms SET topic = ? WHERE room_id = ?", [topic, room]);
  }
}
