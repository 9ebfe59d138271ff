// The options of the live line, and the functions that it calls. Data only.

import type { Paint } from "./cells.ts";
import type { Draft } from "./input/draft.ts";
import type { EditorOptions } from "./input/editor.ts";
import type { DrawingClock, OpenTerminal } from "./process_terminal.ts";
import type { WrittenRow } from "./screen/cell_width.ts";

export interface LiveLineOptions extends EditorOptions {
  readonly openTerminal: OpenTerminal;
  readonly clock: DrawingClock;
  readonly paint: Paint;
  /** Enter was pressed. @returns whether this draft is entered now */
  readonly mayEnter: (draft: Draft) => boolean;
  /** The line was entered; it is empty again. */
  readonly entered: (draft: Draft) => void;
  /**
   * A key that is not for the editor. `interrupt` and `end` come on an empty line only; `interrupt
   * again` when nothing else came after the last interrupt. `edit` is Ctrl-X Ctrl-E.
   */
  readonly pressed: (key: "interrupt" | "interrupt again" | "end" | "suspend" | "edit") => void;
  /** A key that the program may use for itself, as Alt-1. @returns whether it does */
  readonly shortcut: (key: string) => boolean;
  /** Several candidates complete the line. */
  readonly candidates: (names: readonly string[]) => void;
  /** A paste was too long, or lines came faster than a person types. */
  readonly pasted: (what: "dropped" | "burst") => void;
  /** A person was there: a key was pressed, or the window has got or lost the focus. */
  readonly attended: (how: "key" | "focus" | "blur") => void;
  /** A key or something else has made the drawing out of date. */
  readonly changed: () => void;
  /** The process goes on after a suspension: what was above the line may be anywhere. */
  readonly continued: () => void;
  /** The terminal has taken all that was written. */
  readonly drained: () => void;
  /** The terminal is gone. */
  readonly gone: () => void;
}

/** What stands above the line after the window has got another size. */
export interface Space {
  /** How many rows of the screen. */
  readonly rowsAbove: number;
  readonly columns: number;
  /** The width at which the terminal has broken its rows; undefined when it has not. */
  readonly brokenAt: number | undefined;
  /** Rows of the line itself that the terminal has scrolled off the screen. */
  readonly scrolledOff: readonly WrittenRow[];
}
