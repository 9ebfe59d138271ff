// What the replies about one's own account do to a conversation. Pure.

import { notice } from "../../terminal/view_lines.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { type Conversation, type Step, step } from "./conversation_state.ts";

/** The guest has become an account, of the same number. */
export function receiveRegistered(
  conversation: Conversation,
  { name, role }: ServerFrame<"ok">,
): Step {
  const { you } = conversation;
  if (you === undefined) return step(conversation);
  const own = { ...you, name: name ?? you.name, role: role ?? you.role };
  const line = `${own.name} is your account now; on another device: client login ${own.name}`;
  return step({ ...conversation, you: own }, [notice(line)]);
}
