// Which inquiries of other people wait for an answer, as far as an operator was shown. Pure.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import type { Conversation } from "./conversation_state.ts";

/** With what a frame says about waiting inquiries. */
export function withWaiting(
  conversation: Conversation,
  frame: ServerFrame,
  request?: ClientFrame,
): Conversation {
  const waiting = new Set(conversation.waiting);
  if (frame.type === "inquiry") waiting.add(frame.inquiry);
  else if (frame.type === "response") waiting.delete(inquiryOf(frame.room) ?? 0);
  else if (isOver(frame)) waiting.delete(inquiryOf(frame.room) ?? 0);
  else if (frame.type === "ok" && isAnswer(request, frame)) waiting.delete(request.inquiry);
  else if (isTooLate(request, frame)) waiting.delete(request.inquiry);
  else if (frame.type === "queue") {
    if (!frame.more) waiting.clear();
    for (const { inquiry } of frame.inquiries) waiting.add(inquiry);
  } else return conversation;
  return { ...conversation, waiting };
}

/** An event that ends a question with choices. */
function isOver(frame: ServerFrame): frame is ServerFrame<"decision" | "closed"> {
  return frame.type === "closed" || (frame.type === "decision" && frame.state === "decided");
}

/** A request that has answered or decided an inquiry. */
function isAnswer(
  request: ClientFrame | undefined,
  { state }: ServerFrame<"ok">,
): request is ClientFrame<"respond" | "decide"> {
  return request?.type === "respond" || (request?.type === "decide" && state === "decided");
}

/** A choice that came after the end of its question. */
function isTooLate(
  request: ClientFrame | undefined,
  frame: ServerFrame,
): request is ClientFrame<"decide"> {
  return request?.type === "decide" && frame.type === "error" && frame.event !== undefined &&
    frame.event.state !== "pending";
}
