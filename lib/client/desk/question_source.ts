// A question with choices before it is asked, while it is open, and in the end: the types of question_run.ts.

import type { ServerFrame } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { Line } from "../../terminal/view_lines.ts";

/** A question as the server has it. */
export interface StoredQuestion {
  readonly inquiry: number;
  readonly room: string;
  readonly seq: number;
  readonly choices: readonly string[];
}

/** What is known of a question in the end. */
export interface QuestionResult {
  readonly question: StoredQuestion;
  /** The decision, or what has closed it; undefined when it is open. */
  readonly event?: RoomEvent | undefined;
  /** The state in which the server has it, where it was looked up. */
  readonly status?: ServerFrame<"question"> | undefined;
}

/** The question before it is stored or found. */
export type QuestionSource =
  | {
    readonly kind: "new";
    readonly content: string;
    readonly cid: string;
    readonly choices: readonly string[];
    readonly needs: number;
    readonly queue: string | undefined;
    /** How long it is open. */
    readonly expiresMs: number;
    /** Describes the question once it is stored. */
    readonly describe: (reply: ServerFrame<"ok">) => Line;
  }
  | { readonly kind: "known"; readonly asked: { inquiry: number } | { cid: string } };

export interface QuestionRunOptions {
  readonly source: QuestionSource;
  readonly timeoutMs: number;
  /** Without waiting the result is the question as it is now. */
  readonly waits: boolean;
  readonly show: (line: Line) => void;
}
