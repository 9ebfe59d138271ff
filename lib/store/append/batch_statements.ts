// Stores a batch of drafts inside a transaction: which seq each draft gets, and the few statements that
// write it. Knows nothing of waiting or retries.

import type { EventKind } from "../../wire/event.ts";
import { integer, optionalText } from "../column_readers.ts";
import { CURRENT_BODY_COLUMNS, currentBodyOf } from "../event_columns.ts";
import { applyChanges } from "../changes/apply_changes.ts";
import { isChange, targetOf } from "../changes/change_rules.ts";
import { readTargets, type Targets } from "../changes/targets.ts";
import type { Head, HeadMove } from "./head_cache.ts";
import {
  type BatchInquiries,
  changesInquiry,
  readBatchInquiries,
} from "../desk/batch_inquiries.ts";
import { noteMentions } from "./mentions.ts";
import { insertRows, type NewRow, writeTopics } from "./new_rows.ts";
import { type ReadMove, writeReadMoves } from "./read_positions.ts";
import { lockRooms, moveHeads, moveOf, type MovingHead, startOf, timeAfter } from "./room_heads.ts";
import {
  answerAgain,
  cidKey,
  findStoredCids,
  isSameText,
  type StoredDraft,
} from "./stored_cids.ts";
import type { Appended, Draft, RoomId } from "../records.ts";
import type { FullText } from "../search/full_text.ts";
import type { Transaction } from "../sql.ts";

/** The outcome of a batch, once its transaction is committed. */
export interface BatchPlan {
  /** The outcome of each draft, in the order given. */
  readonly answers: readonly Appended[];
  /** The rows that are new, in the order of their drafts. */
  readonly rows: readonly NewRow[];
  /** Of every room of the drafts that exists. */
  readonly moves: ReadonlyMap<RoomId, HeadMove>;
  /** How far the authors have read by having written, and which of that is stored. */
  readonly reads: readonly ReadMove[];
  readonly readsWritten: readonly ReadMove[];
}

interface BatchOptions {
  /** The clock, UTC milliseconds. */
  readonly now: number;
  /**
   * Whether to look for cids that are stored already. Without it the unique index refuses a batch
   * that has one (`duplicate`): resends are rare, and looking costs a statement each time.
   */
  readonly looksUpCids: boolean;
  /** The heads of all rooms of the drafts, when all of them are cached: then they are not read. */
  readonly cachedHeads?: ReadonlyMap<RoomId, Head> | undefined;
  /** The index of the search, which must not keep a text that is changed. */
  readonly fullText: FullText;
  /** The room that has every change of an inquiry. */
  readonly desk: RoomId;
  /** Those of the authors' read positions that are to be written now. */
  readonly chooseReads: (moves: readonly ReadMove[]) => readonly ReadMove[];
}

const SELECT = `SELECT user_id, cid, time, ${CURRENT_BODY_COLUMNS.join(", ")} FROM Messages ` +
  "WHERE room_id = ? AND seq = ?";

/**
 * Locks the rooms first, by reading their heads or by moving the cached ones, and reads nothing before
 * that: an earlier snapshot would not show the cids that another server has stored meanwhile.
 *
 * @throws {StaleHeadsError} when a cached head is not the stored one
 */
export async function storeBatch(
  sql: Transaction,
  drafts: readonly Draft[],
  options: BatchOptions,
): Promise<BatchPlan> {
  const { now, looksUpCids, cachedHeads, fullText, chooseReads, desk } = options;
  const found = cachedHeads ?? await lockRooms(sql, roomsOf(drafts, desk));
  const heads = new Map(Array.from(found, ([room, head]) => [room, startOf(head)]));
  const known = looksUpCids ? await findStoredCids(sql, drafts) : new Map<string, StoredDraft>();
  const inquiries = await readBatchInquiries(sql, drafts, { now });
  const targets = await readTargets(sql, drafts);
  const rows: NewRow[] = [];
  const answers = drafts.map((draft): Appended => {
    const head = heads.get(draft.room);
    if (head === undefined || !namesInquiry(draft, head)) return { refused: "internal" };
    const prior = draft.cid === undefined ? undefined : known.get(cidKey(draft.user, draft.cid));
    if (prior !== undefined) return answerAgain(prior, draft);
    const verdict = judge(draft, { targets, inquiries });
    if ("refused" in verdict) return verdict;
    if ("same" in verdict) {
      const { seq, time, body } = verdict.same;
      return { seq, time, dup: true, body };
    }
    if ("unchanged" in verdict) {
      return { seq: head.lastSeq, time: head.lastTime, dup: true, body: verdict.unchanged };
    }
    if (draft.resendOnly === true) return { refused: "forbidden" };
    const { body } = verdict;
    const row = placeRow(body === draft.body ? draft : { ...draft, body }, { head, now });
    rows.push(row);
    noteRow(row, { targets, known });
    const { seq, time } = row;
    const stored = body === draft.body
      ? { seq, time, dup: false }
      : { seq, time, dup: false, body };
    const noted = noteInDesk(row, { inquiries, head: heads.get(desk), now, desk });
    if (noted === undefined) return stored;
    rows.push(noted);
    return { ...stored, desk: noted.seq };
  });
  const reads = readsOf(rows);
  const readsWritten = chooseReads(reads);
  if (rows.length > 0) {
    await moveHeads(sql, heads, now);
    await insertRows(sql, rows);
    await inquiries.write(sql);
    await applyChanges(sql, targets.changed(), fullText);
    await noteMentions(sql, rows.filter(({ draft }) => mayName(draft)), targets);
    await writeTopics(sql, rows);
    await writeReadMoves(sql, readsWritten);
  }
  return {
    answers: targets.hasAny
      ? answers.map((one, at) => asChanged(one, drafts[at], targets))
      : answers,
    rows,
    reads,
    readsWritten,
    moves: new Map(Array.from(heads, ([room, head]) => [room, moveOf(head)])),
  };
}

/** The answer with the event as it is after the batch: a text that the batch has changed is not delivered. */
function asChanged(answer: Appended, draft: Draft | undefined, targets: Targets): Appended {
  if (draft === undefined || "refused" in answer || answer.dup) return answer;
  const body = targets.afterBatch(draft.room, answer.seq);
  return body === undefined ? answer : { ...answer, body };
}

/** Whether the draft is stored: a message that it names must be there, and its inquiry be as it must. */
function judge(
  draft: Draft,
  { targets, inquiries }: { targets: Targets; inquiries: BatchInquiries },
): ReturnType<BatchInquiries["judge"]> {
  const target = targetOf(draft);
  const named = target === undefined ? undefined : targets.judge(draft, target);
  return named === undefined || "body" in named ? inquiries.judge(draft) : named;
}

/** The draft as the next row of its room. */
function placeRow(
  draft: Draft,
  { head, now }: { head: MovingHead; now: number },
): NewRow {
  const seq = ++head.lastSeq;
  const number = isMessage(draft) ? ++head.lastNumber : head.lastNumber;
  const time = head.lastTime = timeAfter(head.lastTime, now);
  return { draft, seq, number, time };
}

/** Whether it counts as a message: the other events have the number of the last message before them. */
function isMessage({ body: { kind } }: Draft): boolean {
  return kind === "message" || kind === "response";
}

/** Whether it may name members. */
function mayName(draft: Draft): boolean {
  return isMessage(draft) || draft.body.kind === "edit";
}

/** Later drafts of the batch come after this row. */
function noteRow(
  { draft, seq, time }: NewRow,
  { targets, known }: { targets: Targets; known: Map<string, StoredDraft> },
): void {
  const { room, body, cid, user, from, guest } = draft;
  if (cid !== undefined) known.set(cidKey(user, cid), { room, body, seq, time });
  if (targets.hasAny) targets.note(room, { user, from, guest, body, seq, time });
}

/** The rooms of the drafts, and the room `desk` if one of them changes an inquiry. */
function roomsOf(drafts: readonly Draft[], desk: RoomId): readonly RoomId[] {
  const rooms = drafts.map(({ room }) => room);
  return drafts.some(changesInquiry) ? [...rooms, desk] : rooms;
}

/** Whether a draft into an inquiry's room says which one it changes: else the desk would miss it. */
function namesInquiry(draft: Draft, { before }: MovingHead): boolean {
  return !before.isInquiry || draft.inquiry !== undefined;
}

/** The row of the room `desk` that goes with a row of an inquiry's room. */
function noteInDesk(
  { draft, seq, time }: NewRow,
  { inquiries, head, now, desk }: {
    inquiries: BatchInquiries;
    head: MovingHead | undefined;
    now: number;
    desk: RoomId;
  },
): NewRow | undefined {
  const { inquiry, user, from, guest, bot, body } = draft;
  if (inquiry === undefined || head === undefined) return undefined;
  const change = inquiries.note(inquiry, { user, from, guest, bot, body, seq, time });
  if (change === undefined) return undefined;
  return placeRow({ room: desk, user, from, guest, bot, body: change }, { head, now });
}

/** The clock closes a question in the asker's name, a topic answers nothing, and nobody is a member of the desk. */
const UNREAD_KINDS: ReadonlySet<EventKind> = new Set<EventKind>(["closed", "topic", "desk"]);

/** Each author's last message in each room. */
function readsOf(rows: readonly NewRow[]): readonly ReadMove[] {
  const last = new Map<string, ReadMove>();
  for (const { draft, seq, number } of rows) {
    const { room, user } = draft;
    if (UNREAD_KINDS.has(draft.body.kind) || isChange(draft.body)) continue;
    last.set(`${room} ${user}`, { room, user, seq, number });
  }
  return [...last.values()];
}

/**
 * Whether the transaction that stored `rows` was committed. It takes the same locks, so it waits for the
 * outcome; one row stands for all. `rows` are not empty.
 */
export async function wasStored(sql: Transaction, rows: readonly NewRow[]): Promise<boolean> {
  await lockRooms(sql, rows.map(({ draft }) => draft.room));
  const probe = rows.find((row) => row.draft.cid !== undefined) ?? rows[0];
  if (probe === undefined) return false;
  const { draft, seq, time } = probe;
  const [found] = await sql.query(SELECT, [draft.room, seq]);
  return found !== undefined &&
    integer(found, "user_id") === draft.user &&
    integer(found, "time") === time &&
    optionalText(found, "cid") === draft.cid &&
    isSameText(currentBodyOf(found), draft.body);
}
