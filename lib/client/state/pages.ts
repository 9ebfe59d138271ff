// Takes pages of history: what a log awaits, or what the person has asked for. Pure.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { countOf, formatRoom, notice } from "../../terminal/view_lines.ts";
import {
  applied,
  type Conversation,
  eventLine,
  requestedLine,
  type Step,
  step,
  withLog,
} from "./conversation_state.ts";
import { isDeskPage, receiveDeskPage } from "./desk/desk_log.ts";
import { withDrafts } from "./desk/notes.ts";
import { withQuestions } from "./desk/questions.ts";
import { opened } from "./entering.ts";
import { takeOlder, takePage } from "./room_log.ts";

export function receivePage(
  before: Conversation,
  frame: ServerFrame<"page">,
  request?: ClientFrame,
): Step {
  if (isDeskPage(before, request)) return receiveDeskPage(before, frame);
  const { room, events } = frame;
  const isWhole = isRequested(before, request);
  const conversation = withDrafts(withQuestions(before, events, { isWhole }), events);
  const log = conversation.logs.get(room);
  if (request?.type !== "history") return step(conversation);
  if (request.before !== undefined && conversation.opening.has(room)) {
    const next = log === undefined
      ? conversation
      : withLog(conversation, { room, log: takeOlder(log, events) });
    return step(opened(next, room), events.map(eventLine));
  }
  // One event that the person has asked for is no part of what the log awaits.
  if (request.around !== undefined) return step(conversation, events.map(requestedLine));
  if (log !== undefined && request.before === undefined) {
    return applied(conversation, room, takePage(log, events));
  }
  const next = log === undefined
    ? conversation
    : withLog(conversation, { room, log: takeOlder(log, events) });
  const isOlder = request.before !== undefined;
  const noun = isOlder ? "earlier message" : "message";
  const [first] = events;
  // Blocks of older messages stand below newer ones: each says from when it is.
  const since = first === undefined
    ? ""
    : `, from ${formatDay(first.time)} ${formatClock(first.time)}`;
  const title = notice(`${formatRoom(room)}: ${countOf(events.length, noun)}${since}`);
  const lines = events.map(requestedLine);
  if (events.length === 0 || !isOlder) return step(next, [title, ...lines]);
  const end = frame.more_before
    ? "end of the older messages; /history shows more"
    : "end of the older messages";
  return step(next, [title, ...lines, notice(end)]);
}

/** Whether the events of a page are shown as the person has asked for them; else long ones are folded. */
function isRequested({ logs, opening }: Conversation, request: ClientFrame | undefined): boolean {
  if (request?.type !== "history") return false;
  if (request.around !== undefined) return true;
  return request.before === undefined ? !logs.has(request.room) : !opening.has(request.room);
}
