// What the desk's frames do to a conversation: a question and its position, an answer given, an
// inquiry, the queue. Pure.

import type { ClientFrame, ServerFrame } from "../../../wire/frame.ts";
import type { Role } from "../../../wire/frames/roles.ts";
import type { InquirySummary } from "../../../wire/summaries.ts";
import {
  andThen,
  type Conversation,
  eventLine,
  type Step,
  step,
  withLog,
} from "../conversation_state.ts";
import { describeActivity } from "../activity.ts";
import { followDesk } from "./desk_log.ts";
import { withListed } from "./inquiry_facts.ts";
import { questionLines, withQuestion, withShown } from "./questions.ts";
import { resumeRequests } from "../resumption.ts";
import { logFrom } from "../room_log.ts";
import {
  ASKER_GONE,
  describeQueue,
  describeStanding,
  NO_OPEN_INQUIRIES,
  OPEN_INQUIRIES,
} from "../../output/wording.ts";
import { describeProgress } from "../../output/desk_wording.ts";
import { describeReport, formatReport } from "../../output/report_wording.ts";
import { failure, type Line, notice } from "../../../terminal/view_lines.ts";

/** How many open inquiries are listed. */
const SHOWN = 20;

/** Lists the open inquiries. */
export const QUEUE: ClientFrame<"queue"> = { type: "queue", limit: SHOWN };
/** Asks only whether there are open inquiries: the server announces none that came earlier. */
export const GLANCE: ClientFrame<"queue"> = { type: "queue", limit: 1 };

/** Whether users of this role get the inquiries and may answer them. */
export function isOperator(role: Role | undefined): boolean {
  return role === "operator" || role === "admin";
}

/** A question is stored: its room is followed from the question on, after a cut as before it. */
export function receiveInquiryReply(conversation: Conversation, frame: ServerFrame<"ok">): Step {
  const { room, seq, dup } = frame;
  if (room === undefined || seq === undefined) return step(conversation);
  const says = [notice(describeStanding(frame))];
  if (conversation.logs.has(room)) return step(conversation, says);
  const log = logFrom(seq - 1);
  const next = withLog(conversation, { room, log });
  if (dup !== true) return step(next, says);
  // It was stored on an earlier connection: later messages do not come by themselves.
  return step(next, says, resumeRequests({ ...next, logs: new Map([[room, log]]) }));
}

/** An answer is stored. Where its room is followed it comes as the room's event. */
export function receiveResponse(
  conversation: Conversation,
  frame: ServerFrame<"ok">,
  { content }: ClientFrame<"respond">,
): Step {
  const { room, seq, time } = frame;
  const { you, logs } = conversation;
  if (room === undefined || seq === undefined) return step(conversation);
  const lines: Line[] = [];
  if (!logs.has(room) && you !== undefined && time !== undefined) {
    const { user, name: from } = you;
    lines.push(eventLine({ type: "response", room, seq, user, from, time, content }));
  }
  if (frame.asker_gone) {
    lines.push(failure(ASKER_GONE));
  }
  return step(conversation, lines);
}

/** What happens to an inquiry whose room is read; an operator has it from the desk. */
export function receiveProgress(conversation: Conversation, frame: ServerFrame<"progress">): Step {
  if (conversation.desk !== undefined) return step(conversation);
  const text = describeProgress(frame);
  return step(conversation, text === undefined ? [] : [notice(text)]);
}

/** A decision is stored. Where its room is followed it comes as the room's event. */
export function receiveDecision(
  conversation: Conversation,
  { room = "?", state }: ServerFrame<"ok">,
  { choice }: ClientFrame<"decide">,
): Step {
  if (conversation.logs.has(room)) return step(conversation);
  const text = state === "pending"
    ? `You chose "${choice}" for ${room}: another operator must choose it, too`
    : `You decided ${room}: ${choice}`;
  return step(conversation, [notice(text)]);
}

/** The open inquiries, the oldest first; to a glance, only whether there are any. */
export function receiveQueue(
  conversation: Conversation,
  frame: ServerFrame<"queue">,
  request?: ClientFrame,
): Step {
  const { inquiries, more, desk } = frame;
  const followed = followDesk(withWaiting(conversation, frame, request), desk);
  if (request?.type === "queue" && request.limit === GLANCE.limit) {
    const lines = inquiries.length === 0 ? [] : [notice(OPEN_INQUIRIES)];
    return andThen(followed, step(followed.conversation, lines));
  }
  if (inquiries.length === 0) {
    return andThen(followed, step(followed.conversation, [notice(NO_OPEN_INQUIRIES)]));
  }
  const title = notice(describeQueue(inquiries));
  const end = more ? [notice("… and more after them")] : [];
  const next = inquiries.reduce((known, waiting) => {
    const { inquiry, seq } = waiting;
    const shown = withShown(known, questionIn(waiting));
    return seq === undefined ? shown : withQuestion(shown, { inquiry, seq });
  }, followed.conversation);
  const lines = inquiries.flatMap((inquiry) => describeWaiting(inquiry, next));
  return andThen(followed, step(next, [title, ...lines, ...end]));
}

/** Which inquiries wait, as far as a list says; a whole one of all queues says it of all. */
function withWaiting(
  conversation: Conversation,
  { inquiries, more }: ServerFrame<"queue">,
  request?: ClientFrame,
): Conversation {
  const isOfOne = request?.type === "queue" && request.queue !== undefined;
  const waiting = new Set(more || isOfOne ? conversation.waiting : []);
  for (const { inquiry } of inquiries) waiting.add(inquiry);
  return { ...inquiries.reduce(withListed, conversation), waiting };
}

/** A report of the desk. */
export function receiveReport(conversation: Conversation, report: ServerFrame<"report">): Step {
  return step(conversation, [...describeReport(report), ...formatReport(report)].map(notice));
}

/** How much of a question the queue has at most, in UTF-16 units. */
const QUEUED_UNITS = 1_000;

/** The question of an inquiry that waits. */
function questionIn(inquiry: InquirySummary): Parameters<typeof questionLines>[0] {
  const { room, last, seq = last, user, from, since: time, ...asked } = inquiry;
  const { content = "", edited, deleted } = asked;
  const event = { type: "message", room, seq, user, from, time, content, edited, deleted } as const;
  return { ...inquiry, event, isCut: content.length >= QUEUED_UNITS };
}

/** The last question of an inquiry, at the time since which it is open; and how far it has come. */
function describeWaiting(
  inquiry: InquirySummary,
  conversation: Conversation,
): readonly Line[] {
  const { room, assignee, seen } = inquiry;
  const status = assignee !== undefined
    ? `${assignee} works on it`
    : seen === undefined
    ? "not seen yet"
    : "nobody works on it";
  const parts = [status, ...describeActivity(conversation, room)];
  return [...questionLines(questionIn(inquiry)), notice(`${room}: ${parts.join(" · ")}`)];
}
