// What the frames of moderation do to a conversation. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
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
  if (entries.length === 0) return step(conversation, [notice("Nothing was moderated yet")]);
  return step(conversation, withEnd(entries.map(describeAct), { more }));
}

export function receiveIgnores(
  conversation: Conversation,
  { users }: ServerFrame<"ignores">,
): Step {
  const names = users.map(({ name }) => name).join(", ");
  const text = names === "" ? "You ignore nobody" : `You ignore ${names}`;
  return step(conversation, [notice(text)]);
}

function withEnd(lines: readonly string[], { more }: { more: boolean }): readonly Line[] {
  return [...lines, ...more ? ["… and more"] : []].map((line) => notice(line));
}
