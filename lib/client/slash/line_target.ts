// What a typed line acts on, and the checks that several commands have. Knows no command.

import { ChatError } from "../../wire/errors.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { checkText } from "../../wire/text.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import type { Sender } from "../outbox/sender.ts";
import { SlashError, type SlashTarget } from "./slash_table.ts";

/** What a line acts on. */
export interface LineTarget extends SlashTarget {
  readonly loop: Pick<
    ConversationLoop,
    "ask" | "conversation" | "heading" | "headFor" | "session"
  >;
  readonly sender: Pick<Sender, "send" | "ask" | "answer" | "answerAnyway">;
  /** The room that is entered once there is a connection. */
  readonly awaitedRoom?: () => string | undefined;
  /** The person wants to leave; or, when a name is given, to go on as that user. */
  leave(next?: string): void;
  /** Asks for secrets in place of the line; undefined when nothing is answered. */
  readonly askSecrets: (questions: readonly string[]) => Promise<readonly string[] | undefined>;
  /** Logs in by a password, for later runs; missing where there is one user only. @throws {Failure} */
  readonly login?: ((name: string, password: string) => Promise<string>) | undefined;
}

export function parseText(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** @throws {SlashError} when no server would take the text */
export function checkSendable(text: string, { loop }: LineTarget): void {
  const most = loop.session?.welcome.limits.content ?? DEFAULT_LIMITS.content;
  try {
    checkText(text, { ...DEFAULT_LIMITS, content: most });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new SlashError(`not sent: ${error.message}`);
  }
}
