// Who reads and who types in conversations and inquiries, from events that are not stored. Pure: the caller
// says when the last typing is forgotten.

import type { ServerFrame } from "../../wire/frame.ts";
import type { Activity, Conversation } from "./conversation_state.ts";

type Typing = ServerFrame<"typing">;

const NONE: Activity = { readers: new Map(), typists: new Map() };

export function withTyping(conversation: Conversation, frame: Typing): Conversation {
  if (frame.user === conversation.you?.user) return conversation;
  const { typists } = activityIn(conversation, frame.room);
  return withActivity(conversation, frame.room, {
    typists: new Map(typists).set(frame.user, frame),
  });
}

/** This sign of typing is too old; or its author has sent a text. */
export function withoutTyping(
  conversation: Conversation,
  { room, user, sign }: { room: string; user: number; sign?: Typing },
): Conversation {
  const { typists } = activityIn(conversation, room);
  const last = typists.get(user);
  if (last === undefined || (sign !== undefined && last !== sign)) return conversation;
  const left = new Map(typists);
  left.delete(user);
  return withActivity(conversation, room, { typists: left });
}

/** A user has begun or ceased to read a room. */
export function withPresence(
  conversation: Conversation,
  { room, user, from, here }: ServerFrame<"presence">,
): Conversation {
  // Of other rooms everybody is shown by `joined` and `left`.
  if (!room.startsWith("?") || user === conversation.you?.user) return conversation;
  const readers = new Map(activityIn(conversation, room).readers);
  if (here) readers.set(user, from);
  else readers.delete(user);
  return withActivity(conversation, room, { readers });
}

/** `bob reads it`, `carol is typing`: who is active in a room. */
export function describeActivity(conversation: Conversation, room: string): readonly string[] {
  const { readers, typists } = activityIn(conversation, room);
  const typing = [...typists.values()].map(({ from }) => from);
  const reading = [...readers.values()].filter((name) => !typing.includes(name));
  return [
    ...(reading.length === 0 ? [] : [`${reading.join(", ")} ${verb(reading, "reads", "read")} it`]),
    ...(typing.length === 0 ? [] : [`${typing.join(", ")} ${verb(typing, "is", "are")} typing`]),
  ];
}

function verb(names: readonly string[], one: string, several: string): string {
  return names.length === 1 ? one : several;
}

function activityIn({ activity }: Conversation, room: string): Activity {
  return activity.get(room) ?? NONE;
}

function withActivity(
  conversation: Conversation,
  room: string,
  change: Partial<Activity>,
): Conversation {
  const next = { ...activityIn(conversation, room), ...change };
  const activity = new Map(conversation.activity).set(room, next);
  if (next.readers.size === 0 && next.typists.size === 0) activity.delete(room);
  return { ...conversation, activity };
}
