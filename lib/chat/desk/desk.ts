// The inquiry desk: users ask, operators answer. Each inquiry has a room of its own, and operators are
// notified of every question that is stored. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { Appended, InquiryRecord, RoomRecord, UserId } from "../../store/records.ts";
import type { DecisionTerms } from "../../wire/event.ts";
import type { DeskReport } from "../../wire/summaries.ts";
import { ChatError } from "../../wire/errors.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { authorize, may } from "../access.ts";
import { noSuchRoom } from "../access_refusals.ts";
import { checkResend, refusalOfResend } from "../resends.ts";
import type { Principal } from "../people/principal.ts";
import type { Clock } from "../../time.ts";
import { Alarms } from "./alarms.ts";
import { Answers } from "./answers.ts";
import { Decisions } from "./decisions.ts";
import { createReport } from "./desk_report.ts";
import type { DeskSettings } from "./desk_settings.ts";
import { InquiryOpening, type InquiryOpeningOptions } from "./inquiry_opening.ts";
import { DeskLog } from "./desk_log.ts";
import { DeskNotes } from "./desk_notes.ts";
import { DeskSignals } from "./desk_signals.ts";
import { LoopGuard } from "./loop_guard.ts";
import { DeskWork } from "./desk_work.ts";
import { Snoozes } from "./snoozes.ts";
import type { Lease, Room } from "../room.ts";

/** A text for the desk, and the sender's own name for it. */
interface Question {
  readonly content: string;
  readonly cid?: string | undefined;
  /** Why it is refused unless it is stored already. */
  readonly refusal?: ChatError | undefined;
}

/** An inquiry whose room stays in memory until this is disposed of. */
interface OpenInquiry extends Disposable {
  readonly inquiry: InquiryRecord;
  readonly room: Room;
  /** Its position once it waits: 1 is next. */
  readonly position: number;
  /** The median wait of the last first answers in milliseconds; undefined before the first. */
  readonly expectedMs: number | undefined;
  /** How many operators who may answer it are connected now. */
  readonly operators: number;
}

/** The outcome of a question. */
interface AskResult {
  readonly appended: Appended;
  /** Undefined when the inquiry waits for no answer. */
  readonly position: number | undefined;
  readonly expectedMs: number | undefined;
}

export interface DeskOptions {
  readonly repository: Repository;
  readonly clock: Clock;
  /** What is configured of the desk, as it is now. */
  readonly settings: () => DeskSettings;
  readonly limits: InquiryOpeningOptions["limits"];
  /** The room `desk`, which stays in memory. */
  readonly room: Room;
  /** The room of the signals between servers, which stays in memory. */
  readonly signalsRoom: Room;
  /** How many connections a user has. */
  readonly connectionsOf: (user: UserId) => number;
  /** The room of this name, if it is in memory. */
  readonly findRoom: (name: string) => Room | undefined;
  /** Brings the room of an inquiry into memory for as long as the lease. */
  readonly openRoom: (inquiry: InquiryRecord) => Lease;
  /** The same with the room of its notes. */
  readonly openNotes: (room: RoomRecord) => Lease;
}

export class Desk {
  readonly decisions: Decisions;
  readonly work: DeskWork;
  /** When snoozed inquiries come back. */
  readonly snoozes: Snoozes;
  readonly alarms: Alarms;
  readonly loopGuard: LoopGuard;
  readonly answers: Answers;
  readonly notes: DeskNotes;
  /** What the readers of the room `desk` are sent besides. */
  readonly signals: DeskSignals;
  /** The room `desk`. */
  readonly log: DeskLog;
  /** How inquiries are opened. */
  readonly opening: InquiryOpening;
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
    const { repository, clock, limits } = options;
    const log = this.log = new DeskLog(options.room, options.findRoom);
    const find = (principal: Principal, inquiry: number) => this.find(principal, inquiry);
    const signals = this.signals = new DeskSignals({
      repository,
      room: options.signalsRoom,
      desk: options.room,
    });
    const loopGuard = this.loopGuard = new LoopGuard(signals);
    this.alarms = new Alarms({ ...options, inquiries: repository.inquiries, log });
    const snoozes = this.snoozes = new Snoozes({ inquiries: repository.inquiries, log, clock });
    this.work = new DeskWork({ log, users: repository.users, clock, find, snoozes });
    this.opening = new InquiryOpening({
      inquiries: repository.inquiries,
      clock,
      limits,
      onOpened: ({ id, terms }) => {
        if (terms?.expires !== undefined) this.decisions.deadlines.note(id, terms.expires);
      },
    });
    this.notes = new DeskNotes({ ...options, signals, find, openRoom: options.openNotes });
    const { notes } = this;
    this.answers = new Answers({
      ...options,
      users: repository.users,
      log,
      find,
      notes,
      loopGuard,
    });
    this.decisions = new Decisions({
      ...options,
      log,
      find,
    });
  }

  /** What is configured, as it is now. */
  get settings(): DeskSettings {
    return this.#options.settings();
  }

  /**
   * Brings the inquiry's room into memory, to be subscribed to before the question is stored. Its
   * position is looked up here: a reply that waits for anything after the commit comes too late, behind
   * the event that it must come before.
   */
  async enter(inquiry: InquiryRecord): Promise<OpenInquiry> {
    const lease = this.#options.openRoom(inquiry);
    try {
      const { inquiries } = this.#options.repository;
      const position = inquiry.waitingSince === undefined
        ? await inquiries.nextPosition()
        : await inquiries.position(inquiry.id);
      const expectedMs = await inquiries.expectedMs();
      const operators = await this.#countOperators(inquiry);
      const close = () => lease[Symbol.dispose]();
      return {
        inquiry,
        room: lease.room,
        position,
        expectedMs,
        operators,
        [Symbol.dispose]: close,
      };
    } catch (error) {
      lease[Symbol.dispose]();
      throw error;
    }
  }

  /** Posts a question in an inquiry that the asker has entered. */
  async ask(asker: Principal, open: OpenInquiry, question: Question): Promise<AskResult> {
    const { inquiry, position, expectedMs } = open;
    const appended = await this.post(asker, open.room, { ...question, terms: inquiry.terms });
    const { id, terms } = inquiry;
    if (terms?.expires !== undefined) this.decisions.deadlines.note(id, terms.expires);
    const waits = inquiry.waitingSince !== undefined || !("dup" in appended && appended.dup);
    return { appended, position: waits ? position : undefined, expectedMs };
  }

  /**
   * Posts a message of the asker's.
   * @throws {ChatError} the refusal, or why the asker may not send it now, unless it is stored already
   */
  async post(
    asker: Principal,
    room: Room,
    { content, cid, to, terms, refusal: given }: Question & {
      /** The seq of what it replies to. */
      readonly to?: number | undefined;
      readonly terms?: DecisionTerms | undefined;
    },
  ): Promise<Appended> {
    const refusal = given ?? refusalToSend(asker, room, { cid });
    const body = { kind: "message", content, to, ...terms } as const;
    const appended = await this.log.post(room, {
      author: asker,
      body,
      cid,
      resendOnly: refusal !== undefined,
    });
    checkResend(appended, refusal);
    if ("refused" in appended && appended.refused === "bad_state" && to === undefined) {
      const message = `"${room.name}" was resolved long ago: ask a new question`;
      throw new ChatError("bad_state", message, { field: "room", state: appended.found?.state });
    }
    return appended;
  }

  /** The inquiries that wait and that the principal may see, the longest waiting first. */
  async queue(
    principal: Principal,
    { limit, queue }: { limit: number; queue: string | undefined },
  ): Promise<{
    readonly inquiries: readonly InquiryRecord[];
    readonly more: boolean;
    /** The room `desk` up to this seq is in the list. */
    readonly desk: number;
  }> {
    const { inquiries } = this.#options.repository;
    // Before the store is asked: what comes meanwhile is in both.
    const desk = this.log.room.deliveredSeq;
    const waiting = await inquiries.waiting({ limit: limit + 1, queue });
    return {
      inquiries: waiting.slice(0, limit).filter(({ room }) => may(principal, "see", room)),
      more: waiting.length > limit,
      desk,
    };
  }

  /** What has become of the inquiries of the last `periodMs`. Only for operators. */
  async report(periodMs: number): Promise<DeskReport> {
    const { repository, clock } = this.#options;
    const now = clock.now();
    const since = now - periodMs;
    return createReport(await repository.inquiries.askedSince(since), { since, now });
  }

  /** The inquiry of this number. @throws {ChatError} no_such_inquiry, also when it may not be seen */
  async find(principal: Principal, inquiry: number): Promise<InquiryRecord> {
    const found = await this.#options.repository.inquiries.find(inquiry);
    const asked = { name: inquiryRoom(inquiry), field: "inquiry" } as const;
    if (found === undefined) throw noSuchRoom(asked);
    authorize(principal, "see", found.room, asked);
    return found;
  }

  async #countOperators({ asker }: InquiryRecord): Promise<number> {
    const operators = await this.#options.repository.users.operators();
    return operators.filter(({ id }) => id !== asker.id && this.#options.connectionsOf(id) > 0)
      .length;
  }
}

/** Why the asker may not send now what may be stored already. @throws {ChatError} when it cannot be */
function refusalToSend(
  asker: Principal,
  room: Room,
  { cid }: { cid: string | undefined },
): ChatError | undefined {
  try {
    authorize(asker, "send", room, { name: room.name });
    return undefined;
  } catch (error) {
    if (cid === undefined) throw error;
    return refusalOfResend(error, asker);
  }
}
