// The rows of inquiries as a batch reads and writes them. What an event does to an inquiry is in
// inquiry_record.ts.

import { INQUIRY_STATES, type InquiryState } from "../../wire/event.ts";
import { integer, optionalInteger, roomIdOf, text, userIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { StoredEvent, UserId } from "../records.ts";
import { padToPowerOfTwo, placeholders, type Row, type Sql } from "../sql.ts";
import type { Assignee, Inquiry, Question } from "./inquiry_record.ts";

const SELECT = "SELECT i.inquiry_id, i.room_id, i.asker_id, i.state, i.assignee_id, " +
  "a.username AS assignee_name, i.waiting_since, i.asked_seq, i.first_answered, i.answered_seq, i.closed, " +
  "i.outcome_seq, i.seen, i.snoozed_until, i.unseen_at, i.unanswered_at, i.choices, i.needs FROM Inquiries i " +
  "LEFT JOIN Users a ON a.user_id = i.assignee_id WHERE i.inquiry_id IN ";

const UPDATE = "UPDATE Inquiries SET state = ?, assignee_id = ?, waiting_since = ?, " +
  "asked_seq = ?, first_answered = ?, answered_seq = ?, closed = ?, outcome_seq = ?, seen = ?, snoozed_until = ?, " +
  "unseen_at = ?, unanswered_at = ? " +
  "WHERE inquiry_id = ?";

const EVENT = EVENT_COLUMNS.map((column) => `m.${column}`).join(", ");
const SELECT_EVENT = `SELECT ${EVENT} FROM Messages m WHERE m.room_id = ? AND m.seq = ?`;
const SELECT_CHOICES = `SELECT ${EVENT} FROM Decisions d ` +
  "JOIN Messages m ON m.room_id = d.room_id AND m.seq = d.seq WHERE d.room_id = ?";

/** The inquiries of these numbers; those that do not exist are missing. The room `desk` must be locked. */
export async function readInquiries(
  sql: Sql,
  numbers: readonly number[],
): Promise<readonly Inquiry[]> {
  const some = padToPowerOfTwo(numbers);
  const rows = await sql.query(`${SELECT}(${placeholders(some.length)})`, some);
  return rows.map(inquiryOf);
}

/** With what has been chosen, and what has ended it, where it is a question with choices. */
export async function withOutcome(sql: Sql, inquiry: Inquiry): Promise<Inquiry> {
  const { question, outcomeSeq, room } = inquiry;
  if (question === undefined) return inquiry;
  const [outcome] = outcomeSeq === undefined
    ? []
    : (await sql.query(SELECT_EVENT, [room, outcomeSeq])).map(eventOf);
  const chosen = (await sql.query(SELECT_CHOICES, [room])).map(eventOf);
  const choiceOf = new Map(chosen.map((event) => [event.user, event]));
  return { ...inquiry, question: { ...question, choiceOf, outcome } };
}

/** With its latest answer. */
export async function withLastAnswer(sql: Sql, inquiry: Inquiry): Promise<Inquiry> {
  const { answeredSeq, room } = inquiry;
  if (answeredSeq === undefined) return inquiry;
  const [lastAnswer] = (await sql.query(SELECT_EVENT, [room, answeredSeq])).map(eventOf);
  return { ...inquiry, lastAnswer };
}

/** Writes an inquiry as it is after a batch. */
export async function writeInquiry(sql: Sql, inquiry: Inquiry): Promise<void> {
  const { state, assignee, waitingSince, askedSeq, firstAnswered, closed } = inquiry;
  await sql.execute(UPDATE, [
    state,
    assignee?.user ?? null,
    waitingSince ?? null,
    askedSeq ?? null,
    firstAnswered ?? null,
    inquiry.answeredSeq ?? null,
    closed ?? null,
    inquiry.outcomeSeq ?? null,
    inquiry.seen ?? null,
    inquiry.snoozedUntil ?? null,
    inquiry.unseenAt ?? null,
    inquiry.unansweredAt ?? null,
    inquiry.id,
  ]);
}

/** Writes the latest choice of an operator. */
export async function writeChoice(
  sql: Sql,
  { room }: Inquiry,
  { user, seq, choice }: { user: UserId; seq: number; choice: string },
): Promise<void> {
  const { changes } = await sql.execute(
    "UPDATE Decisions SET seq = ?, choice = ? WHERE room_id = ? AND user_id = ?",
    [seq, choice, room, user],
  );
  if (changes > 0) return;
  await sql.execute(
    "INSERT INTO Decisions (room_id, user_id, seq, choice) VALUES (?, ?, ?, ?)",
    [room, user, seq, choice],
  );
}

function inquiryOf(row: Row): Inquiry {
  return {
    id: integer(row, "inquiry_id"),
    room: roomIdOf(row),
    asker: userIdOf(row, "asker_id"),
    state: stateOf(row),
    assignee: assigneeOf(row),
    waitingSince: optionalInteger(row, "waiting_since"),
    askedSeq: optionalInteger(row, "asked_seq"),
    firstAnswered: optionalInteger(row, "first_answered"),
    answeredSeq: optionalInteger(row, "answered_seq"),
    lastAnswer: undefined,
    closed: optionalInteger(row, "closed"),
    outcomeSeq: optionalInteger(row, "outcome_seq"),
    seen: optionalInteger(row, "seen"),
    snoozedUntil: optionalInteger(row, "snoozed_until"),
    unseenAt: optionalInteger(row, "unseen_at"),
    unansweredAt: optionalInteger(row, "unanswered_at"),
    question: questionOf(row),
  };
}

/** @throws {TypeError} when the column holds something else */
export function stateOf(row: Row): InquiryState {
  const state = text(row, "state");
  const known = INQUIRY_STATES.find((one) => one === state);
  if (known === undefined) throw new TypeError("Column state holds no state of an inquiry");
  return known;
}

function assigneeOf(row: Row): Assignee | undefined {
  if (row.assignee_id === null) return undefined;
  return { user: userIdOf(row, "assignee_id"), name: text(row, "assignee_name") };
}

const NO_CHOICES: ReadonlyMap<UserId, StoredEvent> = new Map();

function questionOf(row: Row): Question | undefined {
  const choices = choicesOf(row);
  if (choices === undefined) return undefined;
  return { choices, needs: integer(row, "needs"), choiceOf: NO_CHOICES, outcome: undefined };
}

/** The choices in a row of Inquiries; undefined where an inquiry asks for a text. */
export function choicesOf(row: Row): readonly string[] | undefined {
  return row.choices === null ? undefined : JSON.parse(text(row, "choices")) as string[];
}
