// The options of the view of a person who chats, and the functions that it calls. Data only.

import type { Paint } from "./cells.ts";
import type { TextEditor } from "./input/text_editor.ts";
import type { DrawingClock, OpenTerminal } from "./process_terminal.ts";

export interface PromptOptions {
  readonly clock: DrawingClock;
  readonly paint: Paint;
  /** Lines entered before, the newest first. */
  readonly history: readonly string[];
  /** What the beginning of a line can become. */
  readonly complete: (line: string) => readonly string[];
  /** What the last word of a line can become, the likeliest first. */
  readonly completeWord?: (line: string) => readonly string[];
  /** Whether an entered line may hold a secret, so that no key brings it back. None when missing. */
  readonly isSecret?: (line: string) => boolean;
  /**
   * A line was entered; `typed` is how it stood there, `text` what it means with its pastes. A paste
   * that begins with a slash is no command: it comes with two slashes, which stand for one.
   */
  readonly entered: (line: { readonly typed: string; readonly text: string }) => void;
  /** A key that the program may use for itself, as Alt-1. @returns whether it does */
  readonly shortcut?: (key: string) => boolean;
  /** What is typed may have changed. Must return at once. */
  readonly typed?: () => void;
  /** A person was there: a key was pressed, or the window has got or lost the focus. */
  readonly attended?: (how: "key" | "focus" | "blur") => void;
  /** The person's editor, for Ctrl-X Ctrl-E. */
  readonly editor?: TextEditor | undefined;
  /** What TERM_PROGRAM says. */
  readonly program?: string | undefined;
  /** The person wants to leave: Ctrl-D on an empty line, or Ctrl-C twice; or the terminal is gone. */
  readonly leave: (by: "end" | "interrupt" | "gone") => void;
  /** For a program that no key ends or suspends: what is shown instead. */
  readonly stays?: string;
  /** Where Ctrl-Z cannot suspend the process: what is shown instead. */
  readonly notSuspended?: string | undefined;
  /** The process's own terminal, unless given. */
  readonly openTerminal?: OpenTerminal;
}
