// The room `desk` as an operator's client follows it: what is asked, what others work on, and which
// inquiries wait. Pure.

import type { ClientFrame, ServerFrame } from "../../../wire/frame.ts";
import type { RoomEvent } from "../../../wire/event.ts";
import type { Resumed } from "../../../wire/summaries.ts";
import { DESK, inquiryRoom } from "../../../wire/room_ref.ts";
import { describeDeskChange } from "../../output/desk_wording.ts";
import { type Line, notice } from "../../../terminal/view_lines.ts";
import {
  type Ask,
  type Conversation,
  eventLine,
  OPENING_PAGE,
  type Step,
  step,
} from "../conversation_state.ts";
import {
  cutLog,
  logFrom,
  type LogStep,
  openLog,
  resumePoint,
  takeLive,
  takePage,
} from "../room_log.ts";
import { withDeskEvent } from "./inquiry_facts.ts";
import { questionLines, withQuestion, withShown } from "./questions.ts";

/** A page when everything is wanted. */
const FULL_PAGE = 100;

/** Follows the desk, unless it is followed, from what a list of inquiries has shown on. */
export function followDesk(conversation: Conversation, seq: number | undefined): Step {
  if (seq === undefined || conversation.desk !== undefined) return step(conversation);
  const next = { ...conversation, desk: logFrom(seq) };
  return step(next, [], deskRequests(next));
}

/** The request by which the desk is followed from its cursor on. */
export function deskRequests({ epoch, desk }: Conversation): readonly Ask[] {
  if (desk === undefined) return [];
  const rooms = [{ room: DESK, seq: resumePoint(desk) }];
  return [{ frame: { type: "resume", epoch, rooms } }];
}

/** The connection is gone. */
export function withDeskCut(conversation: Conversation): Conversation {
  const { desk } = conversation;
  return desk === undefined ? conversation : { ...conversation, desk: cutLog(desk) };
}

/** An event of the desk; the first one of all to a user who has become an operator. */
export function receiveDesk(conversation: Conversation, event: ServerFrame<"desk">): Step {
  const { desk = logFrom(event.seq - 1) } = conversation;
  return taken(conversation, takeLive(desk, event));
}

/** Takes the reply to the resume of the desk. */
export function receiveDeskResumed(conversation: Conversation, resumed: Resumed): Step {
  const { desk } = conversation;
  if (desk === undefined) return step(conversation);
  // The user is no operator any more.
  if ("error" in resumed) return step({ ...conversation, desk: undefined, waiting: new Set() });
  if (!resumed.recovered) {
    const known = resumed.reason === "epoch" ? logFrom(0) : desk;
    return taken(conversation, openLog(known, resumed.last));
  }
  if (desk.phase.at !== "opening") return step(conversation);
  return taken(conversation, openLog(desk, desk.phase.boundary));
}

/** Whether a page is one that the desk's log awaits. */
export function isDeskPage({ desk }: Conversation, request: ClientFrame | undefined): boolean {
  if (request?.type !== "history" || request.room !== DESK || desk === undefined) return false;
  return request.before === undefined && request.around === undefined && desk.phase.at !== "live";
}

export function receiveDeskPage(
  conversation: Conversation,
  { events }: ServerFrame<"page">,
): Step {
  const { desk } = conversation;
  return desk === undefined ? step(conversation) : taken(conversation, takePage(desk, events));
}

function taken(conversation: Conversation, { log, events, page }: LogStep): Step {
  let next: Conversation = { ...conversation, desk: log };
  const lines: Line[] = [];
  for (const event of events) {
    lines.push(...linesOf(next, event));
    next = withChange(next, event);
  }
  if (page === undefined) return step(next, lines);
  const limit = page.after === undefined ? OPENING_PAGE : FULL_PAGE;
  return step(next, lines, [{ frame: { type: "history", room: DESK, limit, ...page } }]);
}

/** A question; what others do. What the room of an inquiry shows that is followed is not shown again. */
function linesOf({ policy, logs, you }: Conversation, event: RoomEvent): readonly Line[] {
  const { inquiry = 0 } = event;
  if (!policy.showsInquiries || logs.has(inquiryRoom(inquiry))) return [];
  const question = questionIn(event);
  if (question !== undefined) return questionLines(question);
  // It calls the operator as the question did.
  if (event.change === "unseen" || event.change === "unanswered") {
    return [eventLine({ ...event, room: inquiryRoom(inquiry) })];
  }
  if (event.user === you?.user) return [];
  if (event.change === "answered") return answerLines(event);
  const text = describeDeskChange(event);
  return text === undefined ? [] : [notice(text)];
}

/** The answer of another operator, as it goes out. */
function answerLines(
  { inquiry = 0, of, to: seq, user, from, bot, time, content }: RoomEvent,
): readonly Line[] {
  if (seq === undefined || content === undefined) return [];
  const room = inquiryRoom(inquiry);
  return [eventLine({ type: "response", room, seq, user, from, bot, time, content, to: of })];
}

/** The question that the event says was asked. */
function questionIn(event: RoomEvent): Parameters<typeof questionLines>[0] | undefined {
  const { inquiry = 0, change, of, user, from, guest, time, content, edited, deleted } = event;
  const isAsked = change === "opened" || change === "asked" || change === "reopened";
  if (!isAsked || of === undefined) return undefined;
  const room = inquiryRoom(inquiry);
  const message = { type: "message", room, seq: of, user, from, guest, time, content } as const;
  const { choices, expires, needs } = event;
  return { inquiry, event: { ...message, edited, deleted }, choices, expires, needs };
}

/** What is known of the inquiry after the event. */
function withChange(before: Conversation, event: RoomEvent): Conversation {
  const { inquiry = 0 } = event;
  const conversation = withDeskEvent(before, event);
  const question = questionIn(event);
  const seen = question === undefined
    ? conversation
    : withShown(withQuestion(conversation, { inquiry, seq: question.event.seq }), question);
  const waits = waitsAfter(event, conversation);
  if (waits === undefined || waits === conversation.waiting.has(inquiry)) return seen;
  const waiting = new Set(conversation.waiting);
  if (waits) waiting.add(inquiry);
  else waiting.delete(inquiry);
  return { ...seen, waiting };
}

/** Whether the inquiry is in the queue after the event; undefined: as before. */
function waitsAfter(
  { change, state, inquiry = 0, of = 0 }: RoomEvent,
  { asked }: Conversation,
): boolean | undefined {
  switch (change) {
    case "opened":
    case "asked":
    case "reopened":
      return state === "open" || state === "claimed" || state === "pending";
    case "answered":
      return of < (asked.get(inquiry) ?? 0) ? undefined : false;
    case "decided":
      return state === "pending" ? undefined : false;
    case "snoozed":
    case "resolved":
    case "withdrawn":
    case "expired":
      return false;
    default:
      return undefined;
  }
}
