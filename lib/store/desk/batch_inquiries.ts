// The inquiries that a batch of drafts changes. They are read once the room `desk` is locked, kept up to
// date while the batch is planned, and written at its end. What is allowed is in inquiry_rules.ts.

import type { EventBody } from "../../wire/event.ts";
import { text, userIdOf } from "../column_readers.ts";
import type { Draft, RoomId, UserId } from "../records.ts";
import { padToPowerOfTwo, placeholders, type Sql, type Transaction } from "../sql.ts";
import { isChange } from "../changes/change_rules.ts";
import {
  afterEvent,
  changeBy,
  changeOfText,
  type Inquiry,
  type InquiryEvent,
} from "./inquiry_record.ts";
import { judge } from "./inquiry_rules.ts";
import {
  readInquiries,
  withLastAnswer,
  withOutcome,
  writeChoice,
  writeInquiry,
} from "./inquiry_rows.ts";
import type { Verdict } from "./verdict.ts";

/** Who decides and works at the desk: active operators and administrators, and never a program. */
const SELECT_OPERATORS = "SELECT user_id, username FROM Users " +
  "WHERE role IN ('operator', 'admin') AND is_bot = 0 AND state = 'active' AND user_id IN ";

/** A choice that the batch stores. */
interface Choice {
  readonly inquiry: number;
  readonly user: UserId;
  readonly seq: number;
  readonly choice: string;
}

/** Whether a draft changes an inquiry: then its batch locks the room `desk`. */
export function changesInquiry({ inquiry }: Draft): boolean {
  return inquiry !== undefined;
}

/** The room whose lock decides when a draft is stored: what changes inquiries needs that of the desk. */
export function laneOf(draft: Draft, desk: RoomId): RoomId {
  return changesInquiry(draft) ? desk : draft.room;
}

export class BatchInquiries {
  readonly #inquiries: Map<number, Inquiry>;
  readonly #operators: ReadonlyMap<UserId, string>;
  readonly #now: number;
  readonly #changed = new Set<number>();
  readonly #choices: Choice[] = [];

  constructor(
    inquiries: readonly Inquiry[],
    options: { operators: ReadonlyMap<UserId, string>; now: number },
  ) {
    this.#inquiries = new Map(inquiries.map((inquiry) => [inquiry.id, inquiry]));
    this.#operators = options.operators;
    this.#now = options.now;
  }

  /** Whether a draft is stored, and with which body: one that changes no inquiry as it is. */
  judge(draft: Draft): Verdict {
    if (draft.inquiry === undefined) return draft;
    const inquiry = this.#inquiries.get(draft.inquiry);
    if (inquiry === undefined) return { refused: "no_such_inquiry" };
    return judge(draft, { inquiry, operators: this.#operators, now: this.#now });
  }

  /**
   * The batch stores this event: it counts for the drafts after it.
   * @returns the body of the event that is to be stored in the room `desk` with it
   */
  note(id: number, event: InquiryEvent): EventBody | undefined {
    const before = this.#inquiries.get(id);
    if (before === undefined) return undefined;
    if (isChange(event.body)) return changeOfText(event, before);
    const after = afterEvent(before, event);
    this.#inquiries.set(id, after);
    this.#changed.add(id);
    const { user, seq, body: { kind, choice } } = event;
    if (kind === "desk") return undefined;
    if (kind === "decision") this.#choices.push({ inquiry: id, user, seq, choice: choice ?? "" });
    return changeBy(event, before, after);
  }

  async write(sql: Sql): Promise<void> {
    for (const id of this.#changed) {
      const inquiry = this.#inquiries.get(id);
      if (inquiry !== undefined) await writeInquiry(sql, inquiry);
    }
    for (const choice of this.#choices) {
      const inquiry = this.#inquiries.get(choice.inquiry);
      if (inquiry !== undefined) await writeChoice(sql, inquiry, choice);
    }
  }
}

const NONE = new BatchInquiries([], { operators: new Map(), now: 0 });

/** The inquiries that these drafts change. The room `desk` must be locked by the transaction. */
export async function readBatchInquiries(
  sql: Transaction,
  drafts: readonly Draft[],
  { now }: { now: number },
): Promise<BatchInquiries> {
  const numbers = new Set<number>();
  for (const { inquiry } of drafts) if (inquiry !== undefined) numbers.add(inquiry);
  if (numbers.size === 0) return NONE;
  const changing = drafts.filter(changesInquiry);
  const decided = new Set(changing.filter(isConclusive).map(({ inquiry }) => inquiry));
  const answered = new Set(changing.filter(dependsOnAnswer).map(({ inquiry }) => inquiry));
  const inquiries: Inquiry[] = [];
  for (const found of await readInquiries(sql, [...numbers])) {
    const inquiry = answered.has(found.id) ? await withLastAnswer(sql, found) : found;
    inquiries.push(decided.has(inquiry.id) ? await withOutcome(sql, inquiry) : inquiry);
  }
  return new BatchInquiries(inquiries, {
    operators: await readOperators(sql, changing, inquiries),
    now,
  });
}

/** Whether it depends on what was chosen before, and what has ended the question. */
function isConclusive({ body: { kind } }: Draft): boolean {
  return kind === "decision" || kind === "closed" || kind === "desk";
}

/** Whether it is refused where another operator has just answered. */
function dependsOnAnswer({ body: { kind }, anyway }: Draft): boolean {
  return kind === "response" && anyway !== true;
}

/**
 * Those of the users named in these drafts who are operators now, with the assignees of what is claimed or
 * released; where none must be one, nobody is asked for.
 */
async function readOperators(
  sql: Sql,
  drafts: readonly Draft[],
  inquiries: readonly Inquiry[],
): Promise<ReadonlyMap<UserId, string>> {
  const users = new Set<UserId>();
  if (drafts.some(({ body: { change } }) => change === "claimed" || change === "released")) {
    for (const { user } of drafts) users.add(user);
    for (const { assignee } of inquiries) if (assignee !== undefined) users.add(assignee.user);
  }
  for (const { user, body } of drafts.filter(isConclusive)) {
    users.add(user);
    if (body.change === "assigned" && body.to !== undefined) users.add(body.to as UserId);
  }
  if (users.size === 0) return new Map();
  const some = padToPowerOfTwo([...users]);
  const rows = await sql.query(`${SELECT_OPERATORS}(${placeholders(some.length)})`, some);
  return new Map(rows.map((row) => [userIdOf(row), text(row, "username")]));
}
