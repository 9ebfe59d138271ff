// What the frames of moderation do to a conversation. Pure.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { type Line, notice } from "../../terminal/view_lines.ts";
import { describeAct, describeBan, describeStandingOf } from "../output/moderation_wording.ts";
import { type Conversation, type Step, step } from "./conversation_state.ts";

/** The standing of a user has changed: what it is about this user is shown in any case. */
export function receiveStanding(conversation: Conversation, frame: ServerFrame<"standing">): Step {
  const isOwn = frame.user === conversation.you?.user;
  const isShown = isOwn ||
    (conversation.policy.showsPresence && conversation.logs.has(frame.room));
  return step(conversation, isShown ? [notice(describeStandingOf(frame))] : []);
}

export function receiveBans(conversation: Conversation, { bans, more }: ServerFrame<"bans">): Step {
  if (bans.length === 0) return step(conversation, [notice("Nobody is banned")]);
  return step(conversation, withEnd(bans.map(describeBan), { more }));
}

export function receiveModeration(
  conversation: Conversation,
  { entries, more }: ServerFrame<"moderation">,
): Step {
  if (entries.length === 0) return step(conversation, [notice("No moderation yet")]);
  return step(conversation, withEnd(entries.map(describeAct), { more }));
}

export function receiveIgnores(
  conversation: Conversation,
  { users }: ServerFrame<"ignores">,
): Step {
  const ignored = new Set(users.map(({ user }) => user));
  const next = { ...conversation, ignored };
  // The first list is what the conversation has asked for itself.
  if (conversation.ignored === undefined) return step(next);
  const names = users.map(({ name }) => name).join(", ");
  const text = names === "" ? "You ignore nobody" : `You ignore ${names}`;
  return step(next, [notice(text)]);
}

/** Asks whom the person ignores, where a server can say it and what others write is shown. */
export function withIgnoresAsked(after: Step, { features }: ServerFrame<"welcome">): Step {
  const { ignored, policy } = after.conversation;
  if (ignored !== undefined || !policy.showsPresence || !features.includes("moderation")) {
    return after;
  }
  return { ...after, asks: [...after.asks, { frame: { type: "ignores" } }] };
}

/** With the user whom the person ignores from now on, or no longer. */
export function receiveIgnored(
  conversation: Conversation,
  { frame, request }: { frame: ServerFrame<"ok">; request: ClientFrame<"ignore"> },
): Step {
  const { user, on } = request;
  const line = on
    ? `You see nothing of ${user} from now on; /unignore ${user} ends that`
    : `You see what ${user} sends from now on`;
  return step(withIgnored(conversation, { frame, request }), [notice(line)]);
}

function withIgnored(
  conversation: Conversation,
  { frame, request }: { frame: ServerFrame<"ok">; request: ClientFrame<"ignore"> },
): Conversation {
  if (frame.user === undefined) return conversation;
  const ignored = new Set(conversation.ignored);
  if (request.on) ignored.add(frame.user);
  else ignored.delete(frame.user);
  return { ...conversation, ignored };
}

/** Without what ignored users have written; it counts as read, and what was asked for is shown. */
export function withoutIgnored(after: Step): Step {
  const { ignored } = after.conversation;
  if (ignored === undefined || ignored.size === 0) return after;
  const lines = after.lines.filter((line) =>
    line.kind !== "event" || line.isRequested === true || !ignored.has(line.event.user)
  );
  return { ...after, lines };
}

function withEnd(lines: readonly string[], { more }: { more: boolean }): readonly Line[] {
  return [...lines, ...more ? ["… and more"] : []].map((line) => notice(line));
}
