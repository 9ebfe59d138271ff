// The two views that need no terminal: plain lines and JSON. Data goes to stdout, everything else to
// stderr. prompt_view.ts is the live line.

import type { RoomEvent } from "../../wire/event.ts";
import { isPast } from "../../terminal/events/event_text.ts";
import { formatClock, formatDay, formatLine } from "../../terminal/layout.ts";
import type { EventLine, Line, View } from "../../terminal/view_lines.ts";
import { safeJson } from "../../terminal/safe_text.ts";

/** Where a command's text goes. */
export interface Output {
  /**
   * Returns at once. @throws {OutputClosed} when the reader has closed it; {Failure} when an earlier
   * text could not be written
   */
  stdout(text: string): void;
  /** Returns at once; never throws. */
  stderr(text: string): void;
  /** Resolves when stdout can take more; undefined when it can. */
  whenRoom(): Promise<void> | undefined;
  /** The width of the terminal; undefined for a pipe or a file. */
  columnsOf(stream: "stdout" | "stderr"): number | undefined;
}

/** The reader of stdout has closed it: no fault, but the command ends. */
export class OutputClosed extends Error {
  override readonly name = "ReaderGone";
}

/** Events go to stdout, formatted by `format`; the program's own lines go to stderr. */
class OutputView implements View {
  readonly #output: Output;
  readonly #format: (line: EventLine) => string;

  constructor(output: Output, format: (line: EventLine) => string) {
    this.#output = output;
    this.#format = format;
  }

  show(lines: readonly Line[]): void {
    let text = "";
    for (const line of lines) {
      if (line.kind !== "event") writeLine(this.#output, line);
      else text += this.#format(line);
    }
    if (text !== "") this.#output.stdout(text);
  }
}

interface PlainOptions {
  /** Whether each line names its room: where lines of several rooms are mixed. */
  readonly showsRooms?: boolean;
  /** Whether the seq stands before each line. */
  readonly showsSeq?: boolean;
}

/** Lines of text for people: what a message shows already is not shown again with the event that changed it. */
export class PlainView extends OutputView {
  constructor(output: Output, { showsRooms = false, showsSeq = false }: PlainOptions = {}) {
    const shown = new ShownChanges();
    super(output, (line) => {
      if (isPast(line.event) || shown.take(line.event)) return "";
      const columns = output.columnsOf("stdout");
      const { room, seq } = line.event;
      const current = showsRooms ? undefined : room;
      return formatPlain(line, { current, columns, before: showsSeq ? `${seq} ` : "" });
    });
  }
}

/** The edits and deletes that messages have shown before their own events come. */
class ShownChanges {
  readonly #events = new Set<string>();

  /** Notes what a message shows. @returns whether the event is such a change */
  take({ room, seq, edited, deleted }: RoomEvent): boolean {
    for (const change of [edited, deleted]) {
      if (change !== undefined) this.#events.add(`${room} ${change}`);
    }
    return this.#events.delete(`${room} ${seq}`);
  }
}

/** The events as on the wire, one a line; characters that could act on a terminal are escaped. */
export class JsonView extends OutputView {
  constructor(output: Output) {
    super(output, ({ event }) => `${safeJson(event)}\n`);
  }
}

/** The view of a command that prints events. */
export function createEventView(
  output: Output,
  { json, ...options }: PlainOptions & { readonly json: boolean },
): View {
  return json ? new JsonView(output) : new PlainView(output, options);
}

/** Writes a line of the program to stderr. */
export function writeLine(output: Output, line: Line): void {
  output.stderr(formatPlain(line, { columns: output.columnsOf("stderr") }));
}

/** A terminal gets rows that fit, so that no row begins with another person's text. */
function formatPlain(
  line: Line,
  { current, columns, before = "" }: {
    readonly current?: string;
    readonly columns: number | undefined;
    /** What stands before the time. */
    readonly before?: string;
  },
): string {
  const rows = formatLine(line, {
    time: (utcMs) => `${before}${formatDay(utcMs)} ${formatClock(utcMs)}`,
    current,
    columns,
  });
  return rows.map(({ text }) => `${text}\n`).join("");
}
