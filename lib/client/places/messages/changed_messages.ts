// What an edit or a delete does to the messages that were shown before: what is shown again is a message as
// it is now. Pure.

import type { RoomEvent } from "../../../wire/event.ts";
import type { About, EventLine } from "../../../terminal/view_lines.ts";

/** How much of a message is repeated with a reply to it. */
const MOST_REPEATED = 60;

/** Whether the event changes another one. */
export function isChange({ type }: RoomEvent): boolean {
  return type === "edit" || type === "delete";
}

/** The messages of a room after this event of it: a text that does not hold any more is in none of them. */
export function changedBy(lines: readonly EventLine[], event: RoomEvent): readonly EventLine[] {
  if (!isChange(event)) return lines;
  return lines
    .filter((line) => line.event.type !== "edit" || line.event.of !== event.of)
    .map((line) => line.event.seq === event.of ? withChange(line, event) : line);
}

/** The line of a message after this event, which changes it. */
export function withChange(line: EventLine, { type, seq, content }: RoomEvent): EventLine {
  if (seq < (line.event.edited ?? 0) || line.event.deleted !== undefined) return line;
  const event = type === "delete"
    ? { ...line.event, content: undefined, deleted: seq }
    : { ...line.event, content: content ?? line.event.content, edited: seq };
  return { ...line, event };
}

/** As much of a message as is shown with an event about it. */
export function aboutOf({ event: { from, user, content = "" } }: EventLine): About {
  const [first = ""] = content.split("\n");
  const isWhole = first.length === content.length && first.length <= MOST_REPEATED;
  const beginning = first.slice(0, MOST_REPEATED).replace(/[\ud800-\udbff]$/, "");
  return { from, user, text: isWhole ? first : `${beginning}…` };
}
