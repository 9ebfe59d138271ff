// What an operator's own work does to a conversation: an inquiry that is claimed becomes the current room,
// one that is given away is left. Pure.

import type { ClientFrame, ServerFrame } from "../../../wire/frame.ts";
import { inquiryRoom } from "../../../wire/room_ref.ts";
import { describeOwnWork } from "../../output/desk_wording.ts";
import { notice } from "../../../terminal/view_lines.ts";
import { andThen, type Conversation, type Step, step, withLog } from "../conversation_state.ts";
import { enterRoom, leaveRoom, withEntered } from "../entering.ts";
import { logFrom, openLog } from "../room_log.ts";

/** A request of an operator's work on an inquiry. */
export type WorkRequest = ClientFrame<
  "claim" | "release" | "assign" | "snooze" | "resolve" | "reopen"
>;

const WORK: ReadonlySet<string> = new Set<WorkRequest["type"]>(
  ["claim", "release", "assign", "snooze", "resolve", "reopen"],
);

export function isWork(request: ClientFrame | undefined): request is WorkRequest {
  return request !== undefined && WORK.has(request.type);
}

/** Work that is stored. */
export function receiveWork(
  conversation: Conversation,
  frame: ServerFrame<"ok">,
  request: WorkRequest,
): Step {
  const done = step(conversation, [notice(describeOwnWork(request, frame))]);
  if (request.type === "claim") {
    return andThen(done, enterInquiry(conversation, request.inquiry));
  }
  const room = inquiryRoom(request.inquiry);
  if (request.type === "reopen" || conversation.current !== room) return done;
  return andThen(done, leaveRoom(conversation, room));
}

/** An inquiry becomes the current room: its newest messages are shown, and it is followed. */
export function enterInquiry(conversation: Conversation, inquiry: number): Step {
  const room = inquiryRoom(inquiry);
  if (conversation.logs.has(room)) return enterRoom(conversation, room);
  const { epoch, asked } = conversation;
  const seq = asked.get(inquiry) ?? 1;
  const { log } = openLog({ ...logFrom(0), oldest: seq + 1 }, seq);
  const next = withEntered(withLog(conversation, { room, log }), room);
  return step(next, [], [{ frame: { type: "resume", epoch, rooms: [{ room, seq }] } }]);
}
