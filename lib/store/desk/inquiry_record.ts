// An inquiry as its row says, and what each event does to it: the row follows from the events at every
// moment. Pure.

import type { DeskChange, EventBody, InquiryState } from "../../wire/event.ts";
import type { Author, RoomId, StoredEvent, UserId } from "../records.ts";

/** An operator who works on an inquiry. */
export interface Assignee {
  readonly user: UserId;
  readonly name: string;
}

/** An inquiry, while its changes are stored. Times are UTC milliseconds. */
export interface Inquiry {
  readonly id: number;
  readonly room: RoomId;
  readonly asker: UserId;
  readonly state: InquiryState;
  readonly assignee: Assignee | undefined;
  /** Since when it waits for an answer. */
  readonly waitingSince: number | undefined;
  /** The seq of the latest question; undefined while it is not stored. */
  readonly askedSeq: number | undefined;
  readonly firstAnswered: number | undefined;
  /** The seq of the latest answer. */
  readonly answeredSeq: number | undefined;
  /** The latest answer. Where no answer depends on it in a batch it is not read. */
  readonly lastAnswer: StoredEvent | undefined;
  /** When it was resolved, or when its question ended. */
  readonly closed: number | undefined;
  readonly outcomeSeq: number | undefined;
  readonly seen: number | undefined;
  readonly snoozedUntil: number | undefined;
  /** When operators were alarmed that nobody had seen it, and that it waited for an answer. */
  readonly unseenAt: number | undefined;
  readonly unansweredAt: number | undefined;
  /** Undefined when it asks for a text. */
  readonly question: Question | undefined;
}

/** A question with choices, as its log says. */
export interface Question {
  readonly choices: readonly string[];
  /** How many different operators must make the same choice. */
  readonly needs: number;
  /** The latest choice of each operator. Where nothing is decided in a batch it is not read. */
  readonly choiceOf: ReadonlyMap<UserId, StoredEvent>;
  /** What has decided or closed it; not read either. */
  readonly outcome: StoredEvent | undefined;
}

/** An event that the batch stores: of the inquiry's room, or its change in the room `desk`. */
export interface InquiryEvent extends Author {
  readonly body: EventBody;
  readonly seq: number;
  readonly time: number;
}

/** The inquiry after an event of its room, or after a change that is stored in the room `desk` alone. */
export function afterEvent(inquiry: Inquiry, event: InquiryEvent): Inquiry {
  switch (event.body.kind) {
    case "message":
      return afterQuestion(inquiry, event);
    case "response":
      return afterResponse(inquiry, event);
    case "decision":
      return afterDecision(inquiry, event);
    case "closed":
      return ended(inquiry, event);
    case "desk":
      return afterWork(inquiry, event);
    default:
      return inquiry;
  }
}

/**
 * It waits from its question to the answer to its latest one; a question with choices waits until it is
 * decided or closed, and no text changes that.
 */
function afterQuestion(inquiry: Inquiry, { seq, time }: InquiryEvent): Inquiry {
  const { question, askedSeq, waitingSince } = inquiry;
  const back = { ...inquiry, snoozedUntil: undefined };
  if (question !== undefined && askedSeq !== undefined) return back;
  const asked = { ...back, askedSeq: seq, waitingSince: waitingSince ?? time };
  return inquiry.state === "resolved" ? reopened(asked) : asked;
}

function reopened(inquiry: Inquiry): Inquiry {
  return { ...inquiry, state: "open", assignee: undefined, closed: undefined };
}

function afterResponse(inquiry: Inquiry, event: InquiryEvent): Inquiry {
  const { question, askedSeq = 0, waitingSince, state, firstAnswered } = inquiry;
  const { user, from, bot, body: { to = event.seq }, time } = event;
  const isAnswered = question === undefined && askedSeq <= to;
  const answered = {
    ...inquiry,
    answeredSeq: event.seq,
    lastAnswer: event,
    waitingSince: isAnswered ? undefined : waitingSince,
    snoozedUntil: isAnswered ? undefined : inquiry.snoozedUntil,
  };
  if (bot === true) return answered;
  const claims = state === "open";
  return {
    ...answered,
    firstAnswered: firstAnswered ?? time,
    state: claims ? "claimed" : state,
    assignee: claims ? { user, name: from } : inquiry.assignee,
  };
}

function afterDecision(inquiry: Inquiry, event: InquiryEvent): Inquiry {
  const { question, assignee, firstAnswered } = inquiry;
  const { user, from, body: { state }, time } = event;
  const choiceOf = new Map(question?.choiceOf).set(user, event);
  const chosen = { ...inquiry, question: question && { ...question, choiceOf } };
  if (state !== "decided") return { ...chosen, state: "pending" };
  return ended({
    ...chosen,
    assignee: assignee ?? { user, name: from },
    firstAnswered: firstAnswered ?? time,
  }, event);
}

function ended(inquiry: Inquiry, event: InquiryEvent): Inquiry {
  const { question } = inquiry;
  return {
    ...inquiry,
    state: event.body.state ?? inquiry.state,
    waitingSince: undefined,
    snoozedUntil: undefined,
    closed: event.time,
    outcomeSeq: event.seq,
    question: question && { ...question, outcome: event },
  };
}

function afterWork(inquiry: Inquiry, { user, from, body, time }: InquiryEvent): Inquiry {
  const { change, to, assignee = "", until } = body;
  const state = body.state ?? inquiry.state;
  switch (change) {
    case "seen":
      return { ...inquiry, seen: time };
    case "claimed":
      return { ...inquiry, state, assignee: { user, name: from } };
    case "assigned":
      return { ...inquiry, state, assignee: { user: to as UserId, name: assignee } };
    case "released":
      return { ...inquiry, state, assignee: undefined };
    case "unseen":
      return { ...inquiry, unseenAt: time };
    case "unanswered":
      return { ...inquiry, unansweredAt: time };
    case "snoozed":
      return { ...inquiry, snoozedUntil: until };
    case "resolved":
      return { ...inquiry, state, closed: time, waitingSince: undefined, snoozedUntil: undefined };
    case "reopened":
      return inquiry.state === "resolved"
        ? { ...reopened(inquiry), waitingSince: time }
        : { ...inquiry, snoozedUntil: undefined };
    default:
      return inquiry;
  }
}

/**
 * What an event of the inquiry's room means to the operators: the body of the event in the room `desk` that
 * is stored with it.
 */
export function changeBy(event: InquiryEvent, before: Inquiry, after: Inquiry): EventBody {
  const { body: { kind, of, to, choice, state }, seq } = event;
  const base = { kind: "desk", content: "", inquiry: after.id, ...statusOf(after) } as const;
  switch (kind) {
    case "message":
      return { ...base, change: questionChange(before), of: seq };
    case "response":
      return { ...base, change: "answered", of: to, to: seq };
    case "decision":
      return { ...base, change: "decided", of, choice };
    default:
      return { ...base, change: state === "withdrawn" ? "withdrawn" : "expired", of };
  }
}

/** An edit or a delete of the question that waits: it is shown to the operators again, as it is now. */
export function changeOfText(
  { body: { of } }: InquiryEvent,
  inquiry: Inquiry,
): EventBody | undefined {
  if (inquiry.waitingSince === undefined || of !== inquiry.askedSeq) return undefined;
  const change = { kind: "desk", content: "", inquiry: inquiry.id, change: "asked", of } as const;
  return { ...change, ...statusOf(inquiry) };
}

function questionChange({ askedSeq, state }: Inquiry): DeskChange {
  if (askedSeq === undefined) return "opened";
  return state === "resolved" ? "reopened" : "asked";
}

/** What a `desk` event says of the inquiry as it is. */
export function statusOf(
  { state, assignee }: Inquiry,
): { readonly state: InquiryState; readonly assignee: string | undefined } {
  return { state, assignee: assignee?.name };
}
