// Shows messages that a person has asked for as a block with a header, the oldest first. Each has a handle
// by which the person can name it.

import { folded } from "../../places/messages/folding.ts";
import type { PlacesView } from "../../places/places_view.ts";
import type { RoomEvent } from "../../../wire/event.ts";
import { type EventLine, type Line, notice } from "../../../terminal/view_lines.ts";

interface Block {
  readonly title: string;
  readonly events: readonly RoomEvent[];
  /** The last line; without it there is none. */
  readonly end?: string | undefined;
  /** The seq of the message that the person has named: a note below it says so. */
  readonly marked?: number | undefined;
}

/** The kinds of events that a person can name. */
const NAMED: ReadonlySet<string> = new Set(["message", "response", "decision"]);

export function describeBlock(
  { title, events, end, marked }: Block,
  { handles }: Pick<PlacesView, "handles">,
): readonly Line[] {
  const lines = events.map((event) => {
    const line: EventLine = { kind: "event", event, isRequested: true };
    const isNamed = NAMED.has(event.type) && event.deleted === undefined;
    const shown = isNamed ? { ...folded(line, handles), handle: handles.handleOf(line) } : line;
    return event.seq === marked ? withMark(shown) : shown;
  });
  return [notice(title), ...lines, ...end === undefined ? [] : [notice(end)]];
}

function withMark(line: EventLine): EventLine {
  const mark = `this is message ${line.event.seq}`;
  return { ...line, more: line.more === undefined ? mark : `${line.more} · ${mark}` };
}
