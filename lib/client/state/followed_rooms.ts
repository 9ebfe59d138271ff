// The rooms that a terminal hears because the person belongs to them: from where on, what has changed
// while it was cut off, and how that is told. Pure.

import type { RoomSummary, ServerFrame } from "../../wire/frame.ts";
import {
  type Conversation,
  OPENING_PAGE,
  type Step,
  step,
  withLog,
  withoutLog,
} from "./conversation_state.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import { logFrom } from "./room_log.ts";
import { formatRoom, notice } from "../../terminal/line.ts";

/** A room that is heard from now on, and not by a word typed here. */
export function describeFollowed(
  room: string,
  { current, when }: { readonly current: string; readonly when: string },
): string {
  if (inquiryOf(room) !== undefined) return `You have asked as ${room} ${when}`;
  const hint = current === room ? "" : `; /join ${room} speaks there`;
  return `You have joined ${formatRoom(room)} ${when}${hint}`;
}

export function describeLeft(room: string): string {
  return `You have left ${formatRoom(room)} in another terminal`;
}

/** What other terminals have done while this one was cut off, as the greeting of a session says. */
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
  for (const summary of joined) {
    next = withLog(next, { room: summary.room, log: logFrom(beginningOf(summary)) });
    if (next.current === undefined) next = { ...next, current: summary.room };
  }
  return step(next, [
    ...left.map((room) => notice(describeLeft(room))),
    ...joined.map(({ room }) => {
      return notice(describeFollowed(room, { current: next.current ?? room, when: "meanwhile" }));
    }),
  ]);
}

/** From where a room is heard: an inquiry from what was not read, so that no answer is overlooked. */
export function beginningOf({ room, last, read = last }: RoomSummary): number {
  if (inquiryOf(room) === undefined) return last;
  return Math.min(last, Math.max(read, last - OPENING_PAGE));
}
