// The questions with choices that a batch of drafts decides or closes, in SQL: read once their rooms are
// locked, and kept up to date while the batch is planned. What is allowed is in question_rules.ts.

import { integer, optionalInteger, text, userIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { Draft, RoomId, StoredEvent, UserId } from "../records.ts";
import { padToPowerOfTwo, placeholders, type Row, type Sql, type Transaction } from "../sql.ts";
import { after, isConditional, judge, type Question, type Verdict } from "./question_rules.ts";

/** Who decides: active operators and administrators, and never a program. */
const SELECT_DECIDERS = "SELECT user_id FROM Users WHERE role IN ('operator', 'admin') " +
  "AND is_bot = 0 AND state = 'active' AND user_id IN ";

const SELECT_QUESTION =
  "SELECT asker_id, asked_seq, choices, needs, outcome_seq FROM Inquiries WHERE room_id = ?";

const EVENT = EVENT_COLUMNS.map((column) => `m.${column}`).join(", ");
const SELECT_OUTCOME = `SELECT ${EVENT} FROM Messages m WHERE m.room_id = ? AND m.seq = ?`;
const SELECT_CHOICES = `SELECT ${EVENT} FROM Decisions d ` +
  "JOIN Messages m ON m.room_id = d.room_id AND m.seq = d.seq WHERE d.room_id = ?";

/** The questions of one batch. */
export class Questions {
  readonly #byRoom: Map<RoomId, Question>;
  readonly #deciders: ReadonlySet<UserId>;

  constructor(byRoom: ReadonlyMap<RoomId, Question>, deciders: ReadonlySet<UserId>) {
    this.#byRoom = new Map(byRoom);
    this.#deciders = deciders;
  }

  get hasAny(): boolean {
    return this.#byRoom.size > 0;
  }

  /** Whether a draft is stored, and with which body: one on which nothing depends as it is. */
  judge(draft: Draft): Verdict {
    if (!isConditional(draft)) return draft;
    const question = this.#byRoom.get(draft.room);
    return judge(draft, { question, mayDecide: this.#deciders.has(draft.user) });
  }

  /** The batch stores this event in the room: it counts for the drafts after it. */
  note(room: RoomId, event: StoredEvent): void {
    const question = this.#byRoom.get(room);
    if (question !== undefined) this.#byRoom.set(room, after(question, event));
  }
}

const NONE = new Questions(new Map(), new Set());

/** The questions that these drafts decide or close. Their rooms must be locked by the transaction. */
export async function readQuestions(
  sql: Transaction,
  drafts: readonly Draft[],
): Promise<Questions> {
  const conditional = drafts.filter(isConditional);
  if (conditional.length === 0) return NONE;
  const byRoom = new Map<RoomId, Question>();
  for (const room of new Set(conditional.map(({ room }) => room))) {
    const question = await readQuestion(sql, room);
    if (question !== undefined) byRoom.set(room, question);
  }
  const authors = padToPowerOfTwo([...new Set(conditional.map(({ user }) => user))]);
  const rows = await sql.query(`${SELECT_DECIDERS}(${placeholders(authors.length)})`, authors);
  return new Questions(byRoom, new Set(rows.map((row) => userIdOf(row))));
}

/** Undefined where nothing is to be decided. */
async function readQuestion(sql: Sql, room: RoomId): Promise<Question | undefined> {
  const [row] = await sql.query(SELECT_QUESTION, [room]);
  const choices = row === undefined ? undefined : choicesOf(row);
  if (row === undefined || choices === undefined) return undefined;
  const outcomeSeq = optionalInteger(row, "outcome_seq");
  const outcome = outcomeSeq === undefined
    ? []
    : await sql.query(SELECT_OUTCOME, [room, outcomeSeq]);
  const chosen = (await sql.query(SELECT_CHOICES, [room])).map(eventOf);
  return {
    asker: userIdOf(row, "asker_id"),
    askedSeq: optionalInteger(row, "asked_seq"),
    choices,
    needs: integer(row, "needs"),
    choiceOf: new Map(chosen.map((event) => [event.user, event])),
    outcome: outcome.map(eventOf)[0],
  };
}

/** The choices in a row of Inquiries; undefined where an inquiry asks for a text. */
export function choicesOf(row: Row): readonly string[] | undefined {
  return row.choices === null ? undefined : JSON.parse(text(row, "choices")) as string[];
}
