// What a conversation makes of the desk's frames: a question and its place, an answer given, what is
// asked, who waits. Pure.

import type { ClientFrame, InquirySummary, Role, ServerFrame } from "../../wire/frame.ts";
import { type Conversation, eventLine, type Step, step, withLog } from "./conversation_state.ts";
import { resumeRequests } from "./resumption.ts";
import { logFrom } from "./room_log.ts";
import { describeStanding } from "../output/standing.ts";
import { failure, type Line, notice } from "../../terminal/line.ts";

/** How many of those who wait a person is shown. */
const SHOWN = 20;

/** Lists who waits. */
export const QUEUE: ClientFrame<"queue"> = { type: "queue", limit: SHOWN };
/** Asks only whether anybody waits: what was asked while nobody was connected is not told again. */
export const GLANCE: ClientFrame<"queue"> = { type: "queue", limit: 1 };

/** Whether somebody of this role is told of what is asked, and may answer. */
export function isOperator(role: Role | undefined): boolean {
  return role === "operator" || role === "admin";
}

/** A question is stored: its room is heard from the question on, after a cut as before it. */
export function receiveAsked(conversation: Conversation, frame: ServerFrame<"ok">): Step {
  const { room, seq, dup } = frame;
  // Whoever follows rooms for a pipe chooses them, and says what they like of it.
  if (conversation.mode === "follow" || room === undefined || seq === undefined) {
    return step(conversation);
  }
  const says = [notice(describeStanding(frame))];
  if (conversation.logs.has(room)) return step(conversation, says);
  const next = withLog(conversation, { room, log: logFrom(seq - 1) });
  if (dup !== true) return step(next, says);
  // It was stored on an earlier connection: what has been said since does not come by itself.
  const only = { ...next, logs: new Map([[room, logFrom(seq - 1)]]) };
  return step(next, says, resumeRequests(only));
}

/** An answer is stored. Where its room is heard it comes as the room's event. */
export function receiveAnswered(
  conversation: Conversation,
  frame: ServerFrame<"ok">,
  { content }: ClientFrame<"respond">,
): Step {
  const { room, seq, time } = frame;
  const { you, mode, logs } = conversation;
  if (mode === "follow" || room === undefined || seq === undefined) return step(conversation);
  const lines: Line[] = [];
  if (!logs.has(room) && you !== undefined && time !== undefined) {
    const { user, name: from } = you;
    lines.push(eventLine({ type: "response", room, seq, user, from, time, content }));
  }
  if (frame.asker_gone) {
    lines.push(failure("The asker has gone and cannot come back: nobody will read it"));
  }
  return step(conversation, lines);
}

/** An operator hears of every inquiry; those whose room is heard come as its events. */
export function receiveInquiry(conversation: Conversation, frame: ServerFrame<"inquiry">): Step {
  const { mode, logs } = conversation;
  if (mode === "follow" || logs.has(frame.room)) return step(conversation);
  const { room, seq, user, from, time, content } = frame;
  return step(withQuestion(conversation, frame), [
    eventLine({ type: "message", room, seq, user, from, time, content }),
  ]);
}

/** A question of an inquiry was seen: an answer that is typed from now on is one to it. */
export function withQuestion(
  conversation: Conversation,
  { inquiry, seq }: { readonly inquiry: number; readonly seq: number },
): Conversation {
  const { asked } = conversation;
  if (seq <= (asked.get(inquiry) ?? 0)) return conversation;
  return { ...conversation, asked: new Map(asked).set(inquiry, seq) };
}

/** Who waits, the longest waiting first; to a glance, only that somebody does. */
export function receiveQueue(
  conversation: Conversation,
  { inquiries, more }: ServerFrame<"queue">,
  request?: ClientFrame,
): Step {
  if (request?.type === "queue" && request.limit === GLANCE.limit) {
    const says = notice("There are inquiries waiting: /queue lists them");
    return step(conversation, inquiries.length === 0 ? [] : [says]);
  }
  if (inquiries.length === 0) return step(conversation, [notice("Nobody waits for an answer")]);
  const title = notice(
    `${
      inquiries.length === 1 ? "1 inquiry waits" : `${inquiries.length} inquiries wait`
    } for an answer`,
  );
  const end = more ? [notice("… and more behind them")] : [];
  const next = inquiries.reduce(
    (known, { inquiry, seq }) => seq === undefined ? known : withQuestion(known, { inquiry, seq }),
    conversation,
  );
  return step(next, [title, ...inquiries.flatMap(describeWaiting), ...end]);
}

/** What was asked last in an inquiry, at the time since which it waits; and who has answered before. */
function describeWaiting(inquiry: InquirySummary): readonly Line[] {
  const { room, last, seq = last, user, from, since: time, content, assignee } = inquiry;
  const said = eventLine({ type: "message", room, seq, user, from, time, content });
  return assignee === undefined
    ? [said]
    : [said, notice(`${room} was answered by ${assignee} before`)];
}
