// The inquiry desk: people ask, operators answer. Each inquiry is a room of its own, stored before
// it is queued; here is who is told of it. Knows no socket and no SQL.

import type { Appended, InquiryRecord, Repository, UserId } from "../store/repository.ts";
import { encodeFrame } from "../wire/codec.ts";
import { ChatError } from "../wire/errors.ts";
import type { ServerFrames } from "../wire/frame.ts";
import type { Identity } from "./access.ts";
import { noSuchInquiry } from "./access.ts";
import type { Clock } from "../time.ts";
import { Audience, type Fanout, type Member } from "./fanout.ts";
import type { Lease, Room } from "./room.ts";

/** How many of the latest are looked at when other servers may have been asked. */
const POLLED = 100;

/** A text, and the sender's own name for it. */
export interface Question {
  readonly content: string;
  readonly cid?: string | undefined;
}

/** What became of something asked or answered. */
export interface Spoken {
  readonly inquiry: InquiryRecord;
  readonly appended: Appended;
}

/** Where an asker stands. */
export interface Standing {
  /** How many wait as long or longer, itself included: 1 is next. Undefined when it waits for nothing. */
  readonly position: number | undefined;
  /** How long the last ones waited for their first answer; undefined before there were any. */
  readonly expectedMs: number | undefined;
}

/** What became of a question. */
export interface AskResult extends Spoken {
  readonly standing: Standing;
}

/** An answer to a question of an inquiry, the latest unless `to` names another by its seq. */
export interface Answer extends Question {
  readonly inquiry: number;
  readonly to?: number | undefined;
}

/** What the asker's side does on the way; each may refuse by throwing. */
export interface AskingSteps {
  /** An inquiry is about to be made. */
  onOpening(): void;
  /** `each`: every question opens an inquiry of its own; `one`: a further one is said in the last. */
  readonly opens: "each" | "one";
  /**
   * The room is in memory, and the question has not been said in it yet: the time to begin to hear it.
   * `isNew`: the asker has just become its member.
   */
  onRoom(room: Room, options: { readonly isNew: boolean }): void;
}

/** What became of an answer. */
export interface RespondResult extends Spoken {
  /** The asker is not connected and has no token to come back by: nobody will read it. */
  readonly isUnread: boolean;
}

export interface DeskOptions {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly fanout: Fanout;
  readonly limits: { readonly inquiries_open: number; readonly inquiries_open_guest: number };
  /** How many connections a user has. */
  readonly connectionsOf: (user: UserId) => number;
  /** Is told whenever something was asked or answered here. */
  readonly onMoved: () => void;
  /** Gives the room of an inquiry, in memory for as long as the lease. */
  readonly openRoom: (inquiry: InquiryRecord) => Lease;
}

export class Desk {
  readonly #repository: Repository;
  readonly #clock: Clock;
  readonly #openRoom: (inquiry: InquiryRecord) => Lease;
  readonly #connectionsOf: (user: UserId) => number;
  readonly #onMoved: () => void;
  readonly #operators: Audience;
  /** The latest question that the operators have been told of, of each inquiry that waits. */
  readonly #told = new Map<number, number>();
  readonly #limits: DeskOptions["limits"];

  constructor(options: DeskOptions) {
    this.#repository = options.repository;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#openRoom = options.openRoom;
    this.#connectionsOf = options.connectionsOf;
    this.#onMoved = options.onMoved;
    this.#operators = new Audience(options.fanout);
  }

  /** How many operators are told of what is asked. */
  get operators(): number {
    return this.#operators.size;
  }

  /** From now on the operator is told of what is asked. */
  watch(operator: Member): void {
    this.#operators.add(operator);
  }

  unwatch(operator: Member): void {
    this.#operators.delete(operator);
  }

  /** Asks. @throws {ChatError} forbidden when too many wait for an answer; what `steps` throw */
  async ask(asker: Identity, question: Question, steps: AskingSteps): Promise<AskResult> {
    const { inquiry, isNew } = await this.#inquiryFor(asker, question, steps);
    using lease = this.#openRoom(inquiry);
    // Looked up before it is said: an answer that waits for anything after the commit comes too late,
    // behind the event that it is to come before.
    const standing = await this.#standing(inquiry);
    steps.onRoom(lease.room, { isNew });
    const appended = await this.say({ asker, inquiry, room: lease.room }, question);
    const waits = inquiry.waitingSince !== undefined || !("dup" in appended && appended.dup);
    return { inquiry, appended, standing: waits ? standing : { ...standing, position: undefined } };
  }

  /** Says something in the asker's name, and tells the operators when it is stored. */
  async say(
    { asker, inquiry, room }: { asker: Identity; inquiry: { id: number }; room: Room },
    { content, cid }: Question,
  ): Promise<Appended> {
    const appended = await room.say(asker, { kind: "message", content, cid });
    if (!("refused" in appended) && !appended.dup) {
      this.#tell(inquiry.id, {
        room: room.name,
        seq: appended.seq,
        user: asker.user,
        from: asker.name,
        ...(asker.role === "guest" ? { guest: true } : undefined),
        time: appended.time,
        content,
      });
      this.#onMoved();
    }
    return appended;
  }

  /** Answers a question. @throws {ChatError} no_such_inquiry, or bad_field when nothing was asked so */
  async respond(operator: Identity, answer: Answer): Promise<RespondResult> {
    const { inquiry: id, content, cid } = answer;
    const inquiry = await this.#repository.inquiries.find(id);
    if (inquiry === undefined) throw noSuchInquiry(`?${id}`, "inquiry");
    using lease = this.#openRoom(inquiry);
    const { room } = lease;
    const to = await this.#questionOf(inquiry, { room, asked: answer.to });
    const isUnread = await this.#hasGone(inquiry);
    let appended = await room.say(operator, { kind: "response", content, cid, to });
    if (!("refused" in appended)) {
      if (appended.dup && !await hasAnswered(room, { seq: appended.seq, to: answer.to })) {
        appended = { refused: "cid_conflict" };
      }
      if (to === undefined || to >= (this.#told.get(id) ?? 0)) this.#told.delete(id);
      this.#onMoved();
    }
    return { inquiry, appended, isUnread };
  }

  /** Tells the operators here what was asked on another server. @throws what the store throws */
  async poll(): Promise<void> {
    if (this.#operators.size === 0) return;
    const waiting = await this.#repository.inquiries.waiting({ order: "latest", limit: POLLED });
    const still = new Set(waiting.map(({ id }) => id));
    for (const inquiry of [...waiting].reverse()) {
      const { id, room, asker, waitingSince, askedSeq, askedContent } = inquiry;
      if (waitingSince === undefined || askedSeq === undefined) continue;
      if (askedSeq <= (this.#told.get(id) ?? 0)) continue;
      this.#tell(id, {
        room: room.name,
        seq: askedSeq,
        user: asker.id,
        from: asker.name,
        ...(asker.role === "guest" ? { guest: true } : undefined),
        time: waitingSince,
        content: askedContent,
      });
    }
    for (const id of this.#told.keys()) if (!still.has(id)) this.#told.delete(id);
  }

  /** As it is once the inquiry waits: at its place, or behind all that wait now. */
  async #standing({ id, waitingSince }: InquiryRecord): Promise<Standing> {
    const { inquiries } = this.#repository;
    const position = waitingSince === undefined
      ? await inquiries.nextPosition()
      : await inquiries.position(id);
    return { position, expectedMs: await inquiries.expectedMs() };
  }

  async #hasGone({ asker }: InquiryRecord): Promise<boolean> {
    if (asker.role !== "guest" || this.#connectionsOf(asker.id) > 0) return false;
    return !await this.#repository.users.hasToken(asker.id);
  }

  #tell(inquiry: number, said: Omit<ServerFrames["inquiry"], "inquiry">): void {
    this.#told.set(inquiry, Math.max(said.seq, this.#told.get(inquiry) ?? 0));
    this.#operators.publish(encodeFrame({ type: "inquiry", inquiry, ...said }));
  }

  /** The question that is answered: the one asked for, else the latest. */
  async #questionOf(
    { askedSeq }: InquiryRecord,
    { room, asked }: { room: Room; asked: number | undefined },
  ): Promise<number | undefined> {
    if (asked === undefined || asked === askedSeq) return askedSeq;
    if ((await room.find(asked))?.kind === "message") return asked;
    throw new ChatError("bad_field", `Nothing was asked in "${room.name}" as ${asked}`, {
      field: "to",
    });
  }

  async #inquiryFor(
    asker: Identity,
    { cid }: Question,
    steps: AskingSteps,
  ): Promise<{ inquiry: InquiryRecord; isNew: boolean }> {
    const { inquiries } = this.#repository;
    const known = steps.opens === "one"
      ? await inquiries.findOpenOf(asker.user)
      : cid === undefined
      ? undefined
      : await inquiries.findByCid(asker.user, cid);
    if (known !== undefined) return { inquiry: known, isNew: false };
    const { inquiries_open, inquiries_open_guest } = this.#limits;
    const mostOpen = asker.role === "guest" ? inquiries_open_guest : inquiries_open;
    const now = this.#clock.now();
    // Before it is counted where the asker comes from: what is refused opens nothing.
    if (await inquiries.countOpen(asker.user, { now }) >= mostOpen) throw tooManyOpen(mostOpen);
    steps.onOpening();
    const opening = await inquiries.open({ asker: asker.user, cid, mostOpen, now });
    if ("refused" in opening) throw tooManyOpen(mostOpen);
    return { inquiry: opening.inquiry, isNew: true };
  }
}

function tooManyOpen(most: number): ChatError {
  return new ChatError(
    "forbidden",
    `At most ${
      most === 1 ? "1 inquiry" : `${most} inquiries`
    } of yours may wait for an answer at ` +
      "a time: say more in one of them, or ask when one is answered",
  );
}

/** Whether the answer stored as `seq` is one to `to`; one of an older server says nothing of it. */
async function hasAnswered(
  room: Room,
  { seq, to }: { seq: number; to: number | undefined },
): Promise<boolean> {
  if (to === undefined) return true;
  const stored = await room.find(seq);
  return stored?.to === undefined || stored.to === to;
}
