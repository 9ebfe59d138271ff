// Entering a room that is followed already: it becomes the current one, and where none of its older
// messages were shown, those are asked for. Pure.

import {
  type Conversation,
  OPENING_PAGE,
  type Step,
  step,
  withLog,
  withoutLog,
} from "./conversation_state.ts";
import { logFrom } from "./room_log.ts";
import { describeEntered } from "../output/wording.ts";
import { notice } from "../../terminal/view_lines.ts";

/** Enters a room that is followed; without a connection no older messages are asked for. */
export function enterRoom(
  conversation: Conversation,
  room: string,
  { isOnline = true }: { readonly isOnline?: boolean } = {},
): Step {
  const title = notice(describeEntered({ room, ...conversation.facts.get(room) }));
  const oldest = conversation.logs.get(room)?.oldest ?? 1;
  const isComplete = conversation.entered.has(room) || oldest <= 1;
  if (isComplete) return step(withEntered(conversation, room), [title]);
  if (!isOnline) return step({ ...conversation, current: room }, [title]);
  const opening = new Set(conversation.opening).add(room);
  const next = { ...withEntered(conversation, room), opening };
  const frame = { type: "history", room, before: oldest, limit: OPENING_PAGE } as const;
  return step(next, [title], [{ frame }]);
}

/** Leaves a room; the one that becomes the current one in its place is entered. */
export function leaveRoom(conversation: Conversation, room: string): Step {
  const next = withoutLog(conversation, room);
  const { current } = next;
  const isOther = current !== undefined && current !== conversation.current;
  return isOther ? enterRoom(next, current) : step(next);
}

/** Enters a direct conversation that does not exist yet: the first message begins it. */
export function enterUnbegun(conversation: Conversation, room: string): Step {
  const next = withLog(conversation, { room, log: logFrom(0) });
  const line = `Nothing was written between you and ${room.slice(1)} yet`;
  return step(withEntered(next, room), [notice(line)]);
}

/** With the room as the current one, and as the one entered last. */
export function withEntered(conversation: Conversation, room: string): Conversation {
  const entered = new Set(conversation.entered);
  entered.delete(room);
  return { ...conversation, entered: entered.add(room), current: room };
}

/** The older messages of a room that was entered have come, or will not. */
export function opened(conversation: Conversation, room: string): Conversation {
  const opening = new Set(conversation.opening);
  opening.delete(room);
  return { ...conversation, opening };
}
