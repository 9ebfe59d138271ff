// Folds long messages: their beginning is shown with a handle, by which the whole is shown later. Pure but
// for the handles. Knows no terminal.

import { countOf, type EventLine } from "../../../terminal/view_lines.ts";
import type { MessageHandles } from "./message_handles.ts";

/** A message with more lines or characters than this is folded. */
const MOST_LINES = 12;
const MOST_CHARACTERS = 1_600;
/** So much of it is shown. */
const SHOWN_LINES = 6;
const SHOWN_CHARACTERS = 600;

/** The line as it is shown: a long one by its beginning. */
export function folded(line: EventLine, handles: MessageHandles): EventLine {
  const { content = "" } = line.event;
  const lines = content.split("\n");
  if (lines.length <= MOST_LINES && content.length <= MOST_CHARACTERS) return line;
  const { text, hidden } = beginningOf(content, lines);
  const more = `… ${hidden} more · /open ${handles.handleOf(line)}`;
  return { ...line, event: { ...line.event, content: text }, more };
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
