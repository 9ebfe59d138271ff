// What notes and drafts do to an operator's conversation: they are shown, and the latest draft of an inquiry
// that was shown is the one that /use sends. Pure.

import type { RoomEvent } from "../../../wire/event.ts";
import type { ServerFrame } from "../../../wire/frame.ts";
import { notesOf } from "../../../wire/room_ref.ts";
import { formatRoom, notice } from "../../../terminal/view_lines.ts";
import { type Conversation, eventLine, type Step, step } from "../conversation_state.ts";

/** A note or a draft; those of a room that is followed come as its events. */
export function receiveNote(conversation: Conversation, frame: ServerFrame<"note">): Step {
  const { kind: type, inquiry, ...event } = frame;
  const { policy, logs, you } = conversation;
  if (!policy.showsInquiries || logs.has(frame.room) || event.user === you?.user) {
    return step(conversation);
  }
  const shown = { ...event, type };
  const line = eventLine(shown);
  const lines = type === "draft" ? [line, notice(`/use ${inquiry} sends it`)] : [line];
  return step(withDrafts(conversation, [shown]), lines);
}

/** Programs answer each other. */
export function receiveBotLoop(
  conversation: Conversation,
  { room, from }: ServerFrame<"bot_loop">,
): Step {
  const where = room === undefined ? "in a private room" : `in ${formatRoom(room)}`;
  const text = `${from} and other programs answer each other ${where}: held back`;
  return step(conversation, [notice(text)]);
}

/** Notes the latest drafts among events that are shown, and those of them that were deleted. */
export function withDrafts(
  conversation: Conversation,
  events: readonly RoomEvent[],
): Conversation {
  const { drafts } = conversation;
  let next = drafts;
  for (const { type, room, seq, cut, of, deleted } of events) {
    const inquiry = notesOf(room);
    if (inquiry === undefined) continue;
    const latest = next.get(inquiry);
    const gone = type === "delete" ? of : deleted && seq;
    if (gone !== undefined && gone === latest) next = without(next, inquiry);
    if (type !== "draft" || cut === true || deleted !== undefined) continue;
    if (seq > (latest ?? 0)) next = new Map(next).set(inquiry, seq);
  }
  return next === drafts ? conversation : { ...conversation, drafts: next };
}

function without(drafts: Conversation["drafts"], inquiry: number): Conversation["drafts"] {
  const others = new Map(drafts);
  others.delete(inquiry);
  return others;
}
