// What is known of rooms besides their messages: topic, number of members, and the user's standing. Any
// frame may bring it. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import type { Conversation } from "./conversation_state.ts";

/** With what a frame says about rooms. */
export function withFacts(conversation: Conversation, frame: ServerFrame): Conversation {
  switch (frame.type) {
    case "welcome":
    case "rooms":
      return frame.rooms.reduce(withSummary, conversation);
    case "room":
      return withSummary(conversation, { ...frame, standing: frame.standing ?? "member" });
    case "standing":
      return frame.user === conversation.you?.user
        ? withSummary(conversation, frame)
        : conversation;
    case "count":
    case "topic":
      return withSummary(conversation, frame);
    case "joined":
      return changed(conversation, frame.room, 1);
    case "left":
      return changed(conversation, frame.room, -1);
    default:
      return conversation;
  }
}

function withSummary(
  conversation: Conversation,
  { room, kind, topic, count, standing }: Pick<
    RoomSummary,
    "room" | "kind" | "topic" | "count" | "standing"
  >,
): Conversation {
  const before = conversation.facts.get(room);
  const facts = {
    kind: kind ?? before?.kind,
    topic: topic ?? before?.topic,
    count: count ?? before?.count,
    standing: standing ?? before?.standing,
  };
  return { ...conversation, facts: new Map(conversation.facts).set(room, facts) };
}

function changed(conversation: Conversation, room: string, by: 1 | -1): Conversation {
  const count = conversation.facts.get(room)?.count;
  if (count === undefined) return conversation;
  return withSummary(conversation, { room, count: Math.max(0, count + by) });
}
