// Stores a batch of drafts inside a transaction: who gets which seq, which were stored before, and
// the few statements that say so. Knows nothing of waiting, retries or who asked.

import { integer, optionalText, roomIdOf, text, userIdOf } from "../columns.ts";
import { BODY_COLUMNS, bodyOf, bodyValues } from "../event_columns.ts";
import type { Head, HeadMove } from "./head_cache.ts";
import { noteInInquiry } from "../inquiries.ts";
import { noteMentions } from "./mentions.ts";
import { type ReadMove, writeReadMoves } from "./read_positions.ts";
import type { EventBody } from "../../wire/frame.ts";
import type { Appended, Draft, RoomId } from "../repository.ts";
import {
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SqlValue,
  type Transaction,
} from "../sql.ts";

/** What a batch comes to, once its transaction is committed. */
export interface BatchPlan {
  /** Each draft's fate, in the order given. */
  readonly answers: readonly Appended[];
  /** The rows that are new, in the order of their drafts. */
  readonly rows: readonly NewRow[];
  /** Of every room of the drafts that is there. */
  readonly moves: ReadonlyMap<RoomId, HeadMove>;
  /** How far the authors have read by having written, and what of that is stored. */
  readonly reads: readonly ReadMove[];
  readonly readsWritten: readonly ReadMove[];
}

export interface NewRow {
  readonly draft: Draft;
  readonly seq: number;
  /** Of the message among the messages of its room. */
  readonly number: number;
  readonly time: number;
}

/** A room's head while its batch is planned. */
interface MovingHead {
  readonly before: Head;
  lastSeq: number;
  lastNumber: number;
  lastTime: number;
}

/** What is known of a message with a cid. */
interface StoredDraft {
  readonly room: number;
  readonly body: EventBody;
  readonly seq: number;
  readonly time: number;
}

export interface BatchOptions {
  /** The clock, UTC milliseconds. */
  readonly now: number;
  /**
   * Whether to look for cids that are stored already. Without it the unique index refuses a batch
   * that has one (`duplicate`): resends are rare, and looking costs a statement each time.
   */
  readonly looksUpCids: boolean;
  /** The heads of all rooms of the drafts, if they are known: then they are not read. */
  readonly cachedHeads?: ReadonlyMap<RoomId, Head> | undefined;
  /** Those of the authors' read positions that are to be written now. */
  readonly chooseReads: (moves: readonly ReadMove[]) => readonly ReadMove[];
}

const BODY = BODY_COLUMNS.join(", ");

/** How far a room's time may be ahead of the clock before it follows the clock back, milliseconds. */
const MOST_AHEAD_MS = 5 * 60_000;

/** A cached head was out of date: another server has written. Nothing is stored. */
export class StaleHeadsError extends Error {
  override readonly name = "StaleHeadsError";
}

/**
 * Locks the rooms first, by reading their heads or by moving the cached ones, and reads nothing
 * before that: a snapshot made earlier would not show the cids that another server has stored
 * meanwhile.
 *
 * @throws {StaleHeadsError} when a cached head is out of date
 */
export async function storeBatch(
  sql: Transaction,
  drafts: readonly Draft[],
  options: BatchOptions,
): Promise<BatchPlan> {
  const { now, looksUpCids, cachedHeads, chooseReads } = options;
  const found = cachedHeads ?? await lockRooms(sql, drafts);
  const heads = new Map(Array.from(found, ([room, head]) => [room, startOf(head)]));
  const known = looksUpCids ? await findStoredCids(sql, drafts) : new Map<string, StoredDraft>();
  const rows: NewRow[] = [];
  const answers = drafts.map((draft): Appended => {
    const head = heads.get(draft.room);
    if (head === undefined) return { refused: "internal" };
    if (draft.cid !== undefined) {
      const prior = known.get(cidKey(draft.user, draft.cid));
      if (prior !== undefined) return answerAgain(prior, draft);
    }
    const seq = ++head.lastSeq;
    const number = ++head.lastNumber;
    const time = head.lastTime = timeAfter(head.lastTime, now);
    rows.push({ draft, seq, number, time });
    if (draft.cid !== undefined) {
      const { room, body } = draft;
      known.set(cidKey(draft.user, draft.cid), { room, body, seq, time });
    }
    return { seq, time, dup: false };
  });
  const reads = readsOf(rows);
  const readsWritten = chooseReads(reads);
  if (rows.length > 0) {
    await moveHeads(sql, heads, now);
    await insertRows(sql, rows);
    await noteInInquiries(sql, rows, heads);
    await noteMentions(sql, rows);
    await writeReadMoves(sql, readsWritten);
  }
  return {
    answers,
    rows,
    reads,
    readsWritten,
    moves: new Map(Array.from(heads, ([room, head]) => [room, moveOf(head)])),
  };
}

/**
 * The time of a message behind one of `lastTime`. Small steps of the clock do not make time fall; a
 * clock that was far ahead once must not hold a room's time until then.
 */
function timeAfter(lastTime: number, now: number): number {
  return lastTime - now <= MOST_AHEAD_MS ? Math.max(now, lastTime) : now;
}

function startOf(before: Head): MovingHead {
  const { lastSeq, lastNumber, lastTime } = before;
  return { before, lastSeq, lastNumber, lastTime };
}

function moveOf({ before, lastSeq, lastNumber, lastTime }: MovingHead): HeadMove {
  return { before, after: { isInquiry: before.isInquiry, lastSeq, lastNumber, lastTime } };
}

/** Each author's last message in each room. */
function readsOf(rows: readonly NewRow[]): readonly ReadMove[] {
  const last = new Map<string, ReadMove>();
  for (const { draft: { room, user }, seq, number } of rows) {
    last.set(`${room} ${user}`, { room, user, seq, number });
  }
  return [...last.values()];
}

/**
 * Whether the transaction that stored `rows` has been committed. It takes the same locks, so it waits
 * until that is decided; one row tells of all. `rows` are not empty.
 */
export async function wasStored(sql: Transaction, rows: readonly NewRow[]): Promise<boolean> {
  await lockRooms(sql, rows.map((row) => row.draft));
  const probe = rows.find((row) => row.draft.cid !== undefined) ?? rows[0];
  if (probe === undefined) return false;
  const { draft, seq, time } = probe;
  const [found] = await sql.query(
    `SELECT user_id, cid, time, ${BODY} FROM Messages WHERE room_id = ? AND seq = ?`,
    [draft.room, seq],
  );
  return found !== undefined &&
    integer(found, "user_id") === draft.user &&
    integer(found, "time") === time &&
    optionalText(found, "cid") === draft.cid &&
    isSameText(bodyOf(found), draft.body);
}

function answerAgain(prior: StoredDraft, draft: Draft): Appended {
  return prior.room === draft.room && isSameText(prior.body, draft.body)
    ? { seq: prior.seq, time: prior.time, dup: true }
    : { refused: "cid_conflict" };
}

/** A resend of a response may name no question, or by now another latest one: `to` may differ. */
function isSameText(one: EventBody, other: EventBody): boolean {
  return one.kind === other.kind && one.content === other.content;
}

function cidKey(user: number, cid: string): string {
  return `${user} ${cid}`;
}

async function lockRooms(sql: Transaction, drafts: readonly Draft[]): Promise<Map<RoomId, Head>> {
  const rooms = padToPowerOfTwo([...new Set(drafts.map((draft) => draft.room))]);
  const rows = await sql.queryLocking(
    "SELECT room_id, kind, last_seq, last_number, last_time FROM Rooms " +
      `WHERE room_id IN (${placeholders(rooms.length)}) ORDER BY room_id`,
    rooms,
  );
  return new Map(rows.map((row) => [roomIdOf(row), headOf(row)]));
}

function headOf(row: Row): Head {
  return {
    isInquiry: text(row, "kind") === "inquiry",
    lastSeq: integer(row, "last_seq"),
    lastNumber: integer(row, "last_number"),
    lastTime: integer(row, "last_time"),
  };
}

/** By a read that takes no locks: a lock on an absent cid is one on the gap, and deadlocks. */
async function findStoredCids(
  sql: Transaction,
  drafts: readonly Draft[],
): Promise<Map<string, StoredDraft>> {
  const withCid = padToPowerOfTwo(drafts.filter((draft) => draft.cid !== undefined));
  const known = new Map<string, StoredDraft>();
  if (withCid.length === 0) return known;
  const params: SqlValue[] = [];
  for (const { user, cid } of withCid) params.push(user, cid ?? null);
  const rows = await sql.query(
    `SELECT user_id, cid, room_id, seq, time, ${BODY} FROM Messages WHERE ` +
      "(user_id = ? AND cid = ?) OR ".repeat(withCid.length - 1) + "(user_id = ? AND cid = ?)",
    params,
  );
  for (const row of rows) {
    known.set(cidKey(userIdOf(row), text(row, "cid")), {
      room: roomIdOf(row),
      body: bodyOf(row),
      seq: integer(row, "seq"),
      time: integer(row, "time"),
    });
  }
  return known;
}

/** Statements of 16, 32, … 256 rows and of fewer than 16: at most two a batch, 31 to prepare. */
const ROWS_A_STEP = 16;
const COLUMNS = ["user_id", "author", "is_guest", "room_id", "seq", "number", "time", "cid"]
  .concat(BODY_COLUMNS);
const ROW = `(${placeholders(COLUMNS.length)})`;

/** Never IGNORE, REPLACE or an upsert: those hide a fault, or burn a seq. */
async function insertRows(sql: Transaction, rows: readonly NewRow[]): Promise<void> {
  const whole = rows.length - rows.length % ROWS_A_STEP;
  for (const part of [rows.slice(0, whole), rows.slice(whole)]) {
    if (part.length === 0) continue;
    const params: SqlValue[] = [];
    for (const { draft, seq, number, time } of part) {
      const { user, from, guest, room, cid, body } = draft;
      params.push(user, from, guest ? 1 : 0, room, seq, number, time, cid ?? null);
      params.push(...bodyValues(body));
    }
    await sql.execute(
      `INSERT INTO Messages (${COLUMNS.join(", ")}) VALUES ${
        `${ROW}, `.repeat(part.length - 1)
      }${ROW}`,
      params,
    );
  }
}

/**
 * Only from where they were: where another server has moved one, its row is not found.
 *
 * @throws {StaleHeadsError}
 */
async function moveHeads(
  sql: Transaction,
  heads: ReadonlyMap<RoomId, MovingHead>,
  now: number,
): Promise<void> {
  const touched = [...heads].filter(([, { before, lastSeq }]) => lastSeq !== before.lastSeq);
  const { changes } = await sql.updateEach({
    table: "Rooms",
    key: "room_id",
    guard: "last_seq",
    columns: ["last_number", "last_seq"],
    rows: touched.map(([room, head]) => [
      room,
      head.before.lastSeq,
      head.lastNumber,
      head.lastSeq,
    ]),
    also: "last_time = CASE WHEN last_time < ? OR last_time > ? THEN ? ELSE last_time END",
    alsoParams: [now, now + MOST_AHEAD_MS, now],
  });
  if (changes !== touched.length) throw new StaleHeadsError("A room's log has grown elsewhere");
}

/** The queue says at every moment what the logs say. */
async function noteInInquiries(
  sql: Transaction,
  rows: readonly NewRow[],
  heads: ReadonlyMap<RoomId, MovingHead>,
): Promise<void> {
  for (const row of rows) {
    if (heads.get(row.draft.room)?.before.isInquiry) await noteInInquiry(sql, row);
  }
}
