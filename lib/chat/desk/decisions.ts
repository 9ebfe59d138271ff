// Decisions: operators choose, askers withdraw, the clock closes. The store decides who wins, under the
// lock of the question's room. This file checks who may decide, and whether the time is over. Knows no
// socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { Appended, InquiryRecord, StoredEvent } from "../../store/records.ts";
import { ChatError, type ErrorCode } from "../../wire/errors.ts";
import type { EventBody, InquiryState, RoomEvent } from "../../wire/event.ts";
import type { QuestionState } from "../../wire/frames/desk.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import type { Clock } from "../../time.ts";
import { type Action, authorize } from "../access.ts";
import { authorOfRecord, toEvent } from "../event_frames.ts";
import type { Account, Principal } from "../people/principal.ts";
import { checkResend } from "../resends.ts";
import type { Lease } from "../room.ts";
import type { DeskLog } from "./desk_log.ts";
import { QuestionDeadlines } from "./question_deadlines.ts";

/** An operator's choice. */
interface Choice {
  readonly inquiry: number;
  readonly choice: string;
  /** Why. */
  readonly content?: string | undefined;
  readonly cid?: string | undefined;
  /** Why it is refused unless it is stored already. */
  readonly refusal?: ChatError | undefined;
}

/** A decision, or what closes a question, as the store has answered it. */
interface Outcome {
  /** The name of the inquiry's room. */
  readonly room: string;
  readonly appended: Appended;
  /** The state of the question now, when it is stored. */
  readonly state: InquiryState | undefined;
}

/** An inquiry and what has become of it. */
interface QuestionStatus {
  readonly record: InquiryRecord;
  readonly state: QuestionState;
  readonly event: RoomEvent | undefined;
}

export interface DecisionsOptions {
  readonly repository: Pick<Repository, "inquiries" | "messages">;
  readonly clock: Clock;
  /** The inquiry of this number. @throws {ChatError} no_such_inquiry, also when it may not be seen */
  readonly find: (principal: Principal, inquiry: number) => Promise<InquiryRecord>;
  readonly log: DeskLog;
  /** Brings the room of an inquiry into memory for as long as the lease. */
  readonly openRoom: (inquiry: InquiryRecord) => Lease;
}

/** Questions that one look at the store brings. */
const LOOKED_AT = 1_000;

export class Decisions {
  /** When questions expire. */
  readonly deadlines: QuestionDeadlines;
  readonly #options: DecisionsOptions;
  /** Whether every question of the store that expires was noticed. */
  #knowsAll = false;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.deadlines = new QuestionDeadlines(options.clock);
  }

  /**
   * Decides a question, or counts one choice of several that it needs.
   * @throws {ChatError} forbidden, bad_field, already_decided, expired, bad_state
   */
  async decide(operator: Principal, decision: Choice): Promise<Outcome> {
    const { inquiry, choice, content = "", cid, refusal } = decision;
    const record = await this.#find(operator, { inquiry, action: "decide" });
    checkChoice(record, choice);
    // A resend of a decision that is stored has its reply after the deadline, too.
    if (this.#isOver(record) && record.outcomeSeq === undefined) await this.#expire(record);
    return await this.#post(record, {
      author: operator,
      body: { kind: "decision", content, choice },
      cid,
      refusal,
    });
  }

  /** Closes a question of the asker's. Again it changes nothing. @throws {ChatError} as `decide` */
  async withdraw(asker: Principal, inquiry: number): Promise<Outcome> {
    const record = await this.#find(asker, { inquiry, action: "withdraw" });
    return await this.#post(record, {
      author: asker,
      body: { kind: "closed", content: "", state: "withdrawn" },
    });
  }

  /** An inquiry by its number, or by the `cid` by which its asker has asked. @throws {ChatError} */
  async status(
    principal: Principal,
    { inquiry, cid }: { inquiry?: number | undefined; cid?: string | undefined },
  ): Promise<QuestionStatus> {
    const { inquiries, messages } = this.#options.repository;
    const found = cid === undefined ? undefined : await inquiries.findByCid(principal.user, cid);
    if (cid !== undefined && found?.asker.id !== principal.user) throw noSuchKey(cid);
    const record = found ?? await this.#options.find(principal, inquiry ?? 0);
    const { outcomeSeq, room } = record;
    const [event] = outcomeSeq === undefined
      ? []
      : await messages.after(room.id, outcomeSeq - 1, 1);
    return { record, state: stateOf(record), event: event && eventIn(room.name, event) };
  }

  /**
   * Closes the questions whose time is over; to be called again and again.
   * @param options.looksAlways whether other servers ask questions, too: else the store is looked at only
   * until all that is there is known, and when the time of one is over
   * @throws what the store throws
   */
  async expireSome({ looksAlways = true }: { looksAlways?: boolean } = {}): Promise<void> {
    const { deadlines } = this;
    deadlines.forgetPast();
    if (!looksAlways && this.#knowsAll && !deadlines.hasOver) return;
    const { inquiries } = this.#options.repository;
    const over = deadlines.over();
    const open = await inquiries.expiring({ limit: LOOKED_AT });
    for (const { inquiry, expires } of open) {
      deadlines.note(inquiry, expires);
      if (!deadlines.isOver(inquiry)) continue;
      const record = await inquiries.find(inquiry);
      if (record !== undefined) await this.#expire(record);
    }
    this.#knowsAll = open.length < LOOKED_AT;
    if (!this.#knowsAll) return;
    // Closed by another server, or not asked yet: then asking notes it again.
    const waiting = new Set(open.map(({ inquiry }) => inquiry));
    for (const inquiry of over) if (!waiting.has(inquiry)) deadlines.forget(inquiry);
  }

  #isOver({ id, terms }: InquiryRecord): boolean {
    if (terms?.expires === undefined) return false;
    this.deadlines.note(id, terms.expires);
    return this.deadlines.isOver(id);
  }

  async #find(
    principal: Principal,
    { inquiry, action }: { inquiry: number; action: Action },
  ): Promise<InquiryRecord> {
    const record = await this.#options.find(principal, inquiry);
    authorize(principal, action, record.room, { name: inquiryRoom(inquiry), field: "inquiry" });
    return record;
  }

  /** The clock closes a question, in its asker's name. Another server may have done so. */
  async #expire(record: InquiryRecord): Promise<void> {
    const { user, from } = authorOfRecord(record.asker);
    using lease = this.#options.openRoom(record);
    const author = { user, name: from, role: record.asker.role };
    const body = { kind: "closed", content: "", state: "expired" } as const;
    const appended = await this.#options.log.post(lease.room, { author, body });
    if (!("refused" in appended)) this.#noteClosed(record);
  }

  #noteClosed({ id }: InquiryRecord): void {
    this.deadlines.forget(id);
  }

  async #post(
    record: InquiryRecord,
    { author, body, cid, refusal: given }: {
      author: Account;
      body: EventBody;
      cid?: string | undefined;
      refusal?: ChatError | undefined;
    },
  ): Promise<Outcome> {
    using lease = this.#options.openRoom(record);
    const { room } = lease;
    const resendOnly = given !== undefined;
    const appended = await this.#options.log.post(room, { author, body, cid, resendOnly });
    checkResend(appended, given);
    if ("refused" in appended) {
      const refusal = refusalOf(appended, room.name);
      if (refusal !== undefined) throw refusal;
      return { room: room.name, appended, state: undefined };
    }
    const { state } = appended.body ?? body;
    if (state !== "pending") this.#noteClosed(record);
    return { room: room.name, appended, state };
  }
}

function stateOf({ state, terms, waitingSince }: InquiryRecord): QuestionState {
  if (state === "claimed" || (state === "open" && terms === undefined)) {
    return waitingSince === undefined ? "answered" : "open";
  }
  return state;
}

function eventIn(room: string, event: StoredEvent): RoomEvent {
  return toEvent(event, event.body, { room, seq: event.seq, time: event.time });
}

/** @throws {ChatError} bad_state, bad_field */
function checkChoice({ id, terms }: InquiryRecord, choice: string): void {
  if (terms === undefined) {
    const message = `Inquiry ${id} asks for a text: answer it by "respond"`;
    throw new ChatError("bad_state", message, { field: "inquiry" });
  }
  if (terms.choices.includes(choice)) return;
  const message = `Inquiry ${id} has no choice "${choice}": it has ${terms.choices.join(", ")}`;
  throw new ChatError("bad_field", message, { field: "choice" });
}

function noSuchKey(cid: string): ChatError {
  return new ChatError("no_such_inquiry", `You have asked nothing as "${cid}"`, { field: "cid" });
}

type Refused = Extract<Appended, { refused: ErrorCode }>;

/** Why the rules of decisions do not allow it; undefined when the store could not store it. */
function refusalOf({ refused, prior }: Refused, room: string): ChatError | undefined {
  const event = prior && eventIn(room, prior);
  switch (refused) {
    case "already_decided":
      return new ChatError(refused, describeDecision(prior), { event });
    case "expired":
      return new ChatError(refused, describeClosed(prior), { event });
    case "forbidden":
      return new ChatError(refused, "Only another person who is an operator now may decide this");
    case "bad_state":
      return new ChatError(refused, "There is no question to decide");
    default:
      return undefined;
  }
}

function describeDecision(prior: StoredEvent | undefined): string {
  if (prior === undefined) return "This is decided already";
  const { from, time, body: { choice, state } } = prior;
  const when = new Date(time).toISOString();
  return state === "pending"
    ? `You chose "${choice}" at ${when}: another operator must choose it, too`
    : `${from} decided "${choice}" at ${when}`;
}

function describeClosed(prior: StoredEvent | undefined): string {
  return prior?.body.state === "withdrawn"
    ? `${prior.from} has withdrawn the question: it can no longer be decided`
    : "The time for a decision is over";
}
