// What a typed line does: it becomes a message on its way, a request whose answer is shown, or a word
// to whoever typed it. Knows neither terminal nor connection.

import { ChatError } from "../../wire/errors.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { checkText } from "../../wire/text.ts";
import { QUEUE } from "../state/desk_conversation.ts";
import type { ChatLoop } from "../chat_loop.ts";
import type { Intent } from "./input.ts";
import type { Sender } from "../outbox/sender.ts";
import { failure, type Line, notice } from "../../terminal/line.ts";

/** Whom a line may concern. */
export interface Obedient {
  readonly dialogue: ChatLoop;
  readonly sender: Sender;
  readonly show: (lines: readonly Line[]) => void;
  readonly leave: () => void;
}

/** Does what the line asks for; what cannot be is said. */
export function run(intent: Intent, parts: Obedient): void {
  const { dialogue, sender, show } = parts;
  switch (intent.kind) {
    case "nothing":
      return;
    case "problem":
      return show([failure(intent.message)]);
    case "help":
      return show(intent.lines.map(notice));
    case "say":
      return say(intent.text, parts);
    case "ask":
      if (maySend(intent.text, parts)) sender.ask(intent.text);
      return;
    case "answer":
      if (maySend(intent.text, parts)) answer(intent, parts);
      return;
    case "queue":
      return dialogue.ask(QUEUE);
    case "join":
      return dialogue.ask({ type: "join", room: intent.room });
    case "create":
      return dialogue.ask({ type: "join", room: intent.room, create: true });
    case "rooms":
      return dialogue.ask({ type: "rooms" });
    case "quit":
      return parts.leave();
    case "leave":
    case "who":
    case "history":
      return askOfRoom(intent, parts);
  }
}

/** What is asked of the current room, unless another one is named. */
function askOfRoom(
  intent: Extract<Intent, { kind: "leave" | "who" | "history" }>,
  { dialogue, show }: Obedient,
): void {
  const { current, logs } = dialogue.conversation;
  const room = ("room" in intent ? intent.room : undefined) ?? current;
  if (room === undefined) return show([failure("You are in no room: name one")]);
  if (intent.kind === "leave") return dialogue.ask({ type: "leave", room });
  if (intent.kind === "who") return dialogue.ask({ type: "members", room });
  const before = logs.get(room)?.oldest;
  const position = before === undefined ? {} : { before };
  dialogue.ask({ type: "history", room, limit: intent.count, ...position });
}

function say(text: string, parts: Obedient): void {
  const room = parts.dialogue.conversation.current;
  if (room === undefined) {
    return parts.show([failure("You are in no room: /join ROOM enters one")]);
  }
  if (maySend(text, parts)) parts.sender.say(room, text);
}

/** The question that was seen last is meant, whatever is asked until the answer arrives. */
function answer(
  { inquiry, text: content }: Extract<Intent, { kind: "answer" }>,
  { dialogue, sender }: Obedient,
): void {
  sender.answer(inquiry, { content, to: dialogue.conversation.asked.get(inquiry) });
}

/** Whether there is somebody to say it, and a server would take the text; if not, that is said. */
function maySend(text: string, { dialogue, sender, show }: Obedient): boolean {
  if (!sender.hasOwner) {
    show([failure("not sent: you are not connected yet")]);
    return false;
  }
  const most = dialogue.session?.welcome.limits.content ?? DEFAULT_LIMITS.content;
  try {
    checkText(text, { ...DEFAULT_LIMITS, content: most });
    return true;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    show([failure(`not sent: ${error.message}`)]);
    return false;
  }
}
