// The rooms that a terminal follows because the person is a member: from which message on, and what
// has changed while it was cut off. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import {
  andThen,
  type Conversation,
  OPENING_PAGE,
  type Step,
  step,
  withLog,
  withoutLog,
} from "./conversation_state.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import { enterRoom } from "./entering.ts";
import { logFrom } from "./room_log.ts";
import { describeFollowed, describeLeft } from "../output/wording.ts";
import { notice } from "../../terminal/view_lines.ts";

/** Joins and leaves of other terminals while this one was cut off, as a welcome shows them. */
export function followWelcome(
  conversation: Conversation,
  { rooms, more_rooms }: ServerFrame<"welcome">,
): Step {
  const named = new Set(rooms.map(({ room }) => room));
  const left = more_rooms === true
    ? []
    : [...conversation.logs.keys()].filter((room) => !named.has(room));
  const joined = rooms.filter(({ room }) => !conversation.logs.has(room));
  let next = conversation;
  for (const room of left) next = withoutLog(next, room);
  const before = next.current;
  for (const summary of joined) {
    next = withLog(next, { room: summary.room, log: logFrom(beginningOf(summary)) });
    if (next.current === undefined) next = { ...next, current: summary.room };
  }
  const announced = step(next, [
    ...left.map((room) => notice(describeLeft(room, true))),
    ...joined.map(({ room }) => {
      const isInquiry = inquiryOf(room) !== undefined;
      const current = next.current ?? room;
      return notice(describeFollowed(room, { current, when: "meanwhile", isInquiry }));
    }),
  ]);
  const isOther = before !== undefined && before !== conversation.current;
  return isOther ? andThen(announced, enterRoom(next, before)) : announced;
}

/**
 * From where a room is followed: an inquiry and a direct conversation from the unread on, so that no answer
 * is overlooked.
 */
export function beginningOf({ room, last, read = last }: RoomSummary): number {
  if (inquiryOf(room) === undefined && !room.startsWith("@")) return last;
  return Math.min(last, Math.max(read, last - OPENING_PAGE));
}
