// Folds long messages: their beginning is shown with a handle, by which the whole is shown later. Knows
// no terminal.

import { countOf } from "../../terminal/view_lines.ts";
import type { EventLine } from "./places.ts";

/** A message with more lines or characters than this is folded. */
const MOST_LINES = 12;
const MOST_CHARACTERS = 1_600;
/** So much of it is shown. */
const SHOWN_LINES = 6;
const SHOWN_CHARACTERS = 600;
/** So many folded messages can be opened. */
const KEPT = 200;

export class FoldedMessages {
  readonly #kept = new Map<number, EventLine>();
  #last = 0;

  /** The line as it is shown: a long one by its beginning. */
  fold(line: EventLine): EventLine {
    const { content = "" } = line.event;
    const lines = content.split("\n");
    if (lines.length <= MOST_LINES && content.length <= MOST_CHARACTERS) return line;
    const { text, hidden } = beginningOf(content, lines);
    const handle = ++this.#last;
    this.#kept.set(handle, line);
    this.#kept.delete(handle - KEPT);
    const more = `… ${hidden} more · /open k${handle}`;
    return { ...line, event: { ...line.event, content: text }, more };
  }

  /** The whole message behind a handle, as `k7`; undefined when it is not kept. */
  find(handle: string): EventLine | undefined {
    const number = /^k(\d+)$/i.exec(handle)?.[1];
    return number === undefined ? undefined : this.#kept.get(Number(number));
  }
}

function beginningOf(
  content: string,
  lines: readonly string[],
): { readonly text: string; readonly hidden: string } {
  const first = lines.slice(0, SHOWN_LINES).join("\n");
  if (lines.length > MOST_LINES && first.length <= MOST_CHARACTERS) {
    return { text: first, hidden: countOf(lines.length - SHOWN_LINES, "line") };
  }
  // Not in the middle of a character.
  const text = content.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return { text, hidden: countOf(content.length - text.length, "character") };
}
