// Answers of operators and of programs to questions. The store decides whether an answer is stored; this
// file checks who may answer. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { Appended, InquiryRecord, StoredEvent, UserId } from "../../store/records.ts";
import type { InquiryStatus } from "../../store/desk/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { authorize } from "../access.ts";
import { checkResend } from "../resends.ts";
import { toEvent } from "../event_frames.ts";
import type { Principal } from "../people/principal.ts";
import type { Lease, Room } from "../room.ts";
import type { DeskNotes } from "./desk_notes.ts";
import type { LoopGuard } from "./loop_guard.ts";
import type { DeskLog } from "./desk_log.ts";

/** An answer to a question of an inquiry, the latest unless `to` names another by its seq. */
interface Answer {
  readonly inquiry: number;
  /** That of the draft when missing. */
  readonly content?: string | undefined;
  readonly cid?: string | undefined;
  readonly to?: number | undefined;
  /** The seq of the draft that is sent. */
  readonly draft?: number | undefined;
  /** Whether it is sent although another operator has just answered, or the asker has written since. */
  readonly anyway?: boolean | undefined;
  /** Why it is refused unless it is stored already. */
  readonly refusal?: ChatError | undefined;
}

/** The outcome of an answer. */
interface AnswerResult {
  /** The name of the inquiry's room. */
  readonly room: string;
  readonly appended: Appended;
  /** The asker is not connected and has no token to come back by: nobody will read it. */
  readonly isUnread: boolean;
}

interface AnswersOptions {
  readonly users: Pick<Repository["users"], "hasToken">;
  readonly log: DeskLog;
  readonly notes: DeskNotes;
  readonly loopGuard: LoopGuard;
  /** How many connections a user has. */
  readonly connectionsOf: (user: UserId) => number;
  /** The inquiry of this number. @throws {ChatError} no_such_inquiry, also when it may not be seen */
  readonly find: (principal: Principal, inquiry: number) => Promise<InquiryRecord>;
  /** Brings the room of an inquiry into memory for as long as the lease. */
  readonly openRoom: (inquiry: InquiryRecord) => Lease;
}

export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /**
   * Answers a question.
   * @throws {ChatError} no_such_inquiry, forbidden, answered_meanwhile, or bad_field: `to` is no question
   */
  async respond(operator: Principal, answer: Answer): Promise<AnswerResult> {
    const { inquiry: id, cid, anyway } = answer;
    const inquiry = await this.#options.find(operator, id);
    authorize(operator, "respond", inquiry.room, { name: inquiryRoom(id), field: "inquiry" });
    using lease = this.#options.openRoom(inquiry);
    const { room } = lease;
    const found = await this.#findDraft(operator, answer);
    const draft = found instanceof ChatError ? undefined : found;
    const asked = answer.to ?? draft?.body.of;
    const to = await questionOf(inquiry, { room, asked });
    const refusal = answer.refusal ??
      (found instanceof ChatError
        ? found
        : await this.#options.loopGuard.refusalFor(room, operator, to));
    if (refusal !== undefined && cid === undefined) throw refusal;
    const isUnread = await this.#hasGone(inquiry);
    const { content = draft?.body.content ?? "" } = answer;
    const body = { kind: "response", content, to, draft: answer.draft } as const;
    const appended = await this.#options.log.post(room, {
      author: operator,
      body,
      cid,
      anyway,
      asOf: draft?.body.of,
      resendOnly: refusal !== undefined,
    });
    checkResend(appended, refusal);
    if ("refused" in appended) {
      const refusal = refusalOf(appended, { room: room.name, draft: draft?.seq });
      if (refusal !== undefined) throw refusal;
      return { room: room.name, appended, isUnread };
    }
    const isSame = !appended.dup ||
      await hasAnswered(room, { seq: appended.seq, to: answer.to });
    return { room: room.name, appended: isSame ? appended : CID_CONFLICT, isUnread };
  }

  /** The draft that is sent; why it cannot be sent any more, where the answer may be a resend. */
  async #findDraft(
    operator: Principal,
    { inquiry, draft, cid }: Answer,
  ): Promise<StoredEvent | ChatError | undefined> {
    if (draft === undefined) return undefined;
    try {
      return await this.#options.notes.findDraft(operator, { inquiry, draft });
    } catch (error) {
      // It may have been deleted after it was sent.
      if (cid !== undefined && error instanceof ChatError && error.code === "bad_field") {
        return error;
      }
      throw error;
    }
  }

  async #hasGone({ asker }: InquiryRecord): Promise<boolean> {
    if (asker.role !== "guest" || this.#options.connectionsOf(asker.id) > 0) return false;
    return !await this.#options.users.hasToken(asker.id);
  }
}

const CID_CONFLICT: Appended = { refused: "cid_conflict" };

/** The seq of the question that is answered: the one named by the answer, else the latest. */
async function questionOf(
  { askedSeq }: InquiryRecord,
  { room, asked }: { room: Room; asked: number | undefined },
): Promise<number | undefined> {
  if (asked === undefined || asked === askedSeq) return askedSeq;
  if ((await room.find(asked))?.body.kind === "message") return asked;
  throw new ChatError("bad_field", `Nothing was asked in "${room.name}" as ${asked}`, {
    field: "to",
  });
}

/** Whether the answer stored as `seq` answers `to`; what an older server stored names no question. */
async function hasAnswered(
  room: Room,
  { seq, to }: { seq: number; to: number | undefined },
): Promise<boolean> {
  if (to === undefined) return true;
  const stored = await room.find(seq);
  return stored?.body.to === undefined || stored.body.to === to;
}

type Refused = Extract<Appended, { refused: string }>;

/** Why the rules of the desk do not allow it; undefined when the store could not store it. */
function refusalOf(
  { refused, prior, found }: Refused,
  { room, draft }: { room: string; draft: number | undefined },
): ChatError | undefined {
  switch (refused) {
    case "answered_meanwhile":
      return answeredMeanwhile(room, prior);
    case "forbidden":
      return claimedByPerson(found);
    case "bad_state":
      return draft === undefined ? undefined : new ChatError(
        refused,
        `The asker has written in "${room}" since draft ${draft}: read that first`,
        { field: "draft" },
      );
    default:
      return undefined;
  }
}

/** The answer to a program where a person works on the inquiry. */
function claimedByPerson({ assignee = "A person" }: Partial<InquiryStatus> = {}): ChatError {
  const message = `${assignee} works on it: programs may no longer answer`;
  return new ChatError("forbidden", message, { field: "inquiry" });
}

function answeredMeanwhile(room: string, answer: StoredEvent | undefined): ChatError {
  const who = answer?.from ?? "Another operator";
  return new ChatError("answered_meanwhile", `${who} has just answered this: read it first`, {
    event: answer && toEvent(answer, answer.body, { room, ...answer }),
  });
}
