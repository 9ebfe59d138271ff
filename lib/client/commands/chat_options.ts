// What `chat` is given: the room, the terminal, and what differs at the console of a server.

import type { Line, View } from "../../terminal/view_lines.ts";
import type { Prompt, PromptOptions } from "../../terminal/prompt_view.ts";
import type { Draft } from "../../terminal/input/draft.ts";
import type { Call } from "../places/calls.ts";
import type { StatusFacts } from "../places/status_row.ts";
import type { LineTarget } from "../slash/line_target.ts";
import type { SlashTable } from "../slash/slash_table.ts";
import type { ConversationPolicy } from "../state/conversation_policies.ts";

/** A view with a line to type in. */
export interface LineView extends View {
  /** What is typed and not entered. */
  readonly draft: Draft;
  /** Puts another draft into the line. @returns the one that stood there */
  exchangeDraft(draft: Draft): Draft;
  setPrompt(prompt: Prompt): void;
  /** In a plain view: whether lines wait while one is being typed. */
  setHold?(holds: boolean): void;
  /** Calls a person who looks somewhere else. */
  ring(text: string): void;
  /** Asks for secrets in place of the line; undefined when the person answers nothing. */
  askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined>;
  /** Resolves when the terminal is restored; soon, even when the terminal is blocked. */
  close(): Promise<void>;
}

export interface ChatOptions {
  /** The room to enter first; without it none is entered. */
  readonly room?: string;
  /** How the server is called in the prompt; for a person with several. */
  readonly serverName?: string | undefined;
  /** Keeps an entered line for later runs. */
  readonly remember?: (line: string) => Promise<void>;
  /**
   * Returns what starts the program that is to run when a message calls the person; that must return at
   * once. `show` shows why it cannot run.
   */
  readonly notify?: (show: (line: Line) => void) => (call: Call) => void;
  /** Takes what the row above the line shows. Must return at once. */
  readonly statusChanged?: (facts: StatusFacts) => void;
  /** What differs at the console of a server. */
  readonly console?: ConsoleOptions;
  /** Logs in by a password, and keeps the token for later runs: the user's name. @throws {Failure} */
  readonly login?: (name: string, password: string) => Promise<string>;
  /** Takes the terminal over. */
  readonly openView: (
    options:
      & Pick<
        PromptOptions,
        | "entered"
        | "leave"
        | "complete"
        | "completeWord"
        | "isSecret"
        | "shortcut"
        | "typed"
        | "attended"
      >
      & {
        /** A signal ends the process: keeps what is typed. Resolves when it is kept, as far as it can be. */
        readonly ending: () => Promise<void>;
      },
  ) => LineView;
}

export interface ConsoleOptions {
  readonly policy: ConversationPolicy;
  readonly commands: SlashTable<LineTarget>;
  /** The prompt while no room is entered. */
  readonly prompt: string;
  /** How a text without a command is refused while no room is entered. */
  readonly refusal: string;
}
