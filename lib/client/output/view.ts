// What a person or a pipe sees. Here are the two views that need no terminal: plain lines and JSON.
// Data goes to stdout, everything else to stderr. The live line is prompt_view.ts's.

import { formatClock, formatDay, formatLine } from "../../terminal/layout.ts";
import type { Line, View } from "../../terminal/line.ts";
import { safeJson } from "../../terminal/safe_text.ts";

/** Where a command's text goes. */
export interface Output {
  /**
   * Returns at once. @throws {ReaderGone} when nobody reads any more; {Failure} when it cannot be
   * written: for what was given before, too.
   */
  stdout(text: string): void;
  /** Returns at once; never throws. */
  stderr(text: string): void;
  /** Resolves when stdout's reader has taken so much that there is room for more. Undefined: it has. */
  whenRoom(): Promise<void> | undefined;
  /** How wide the terminal is that this is; undefined for a pipe or a file. */
  columnsOf(stream: "stdout" | "stderr"): number | undefined;
}

/** Whoever read our stdout has had enough: no fault, but there is no use in going on. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

/** Events go to stdout, as `format` writes them; what the program says goes to stderr. */
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
      if (line.kind !== "event") tell(this.#output, line);
      else text += this.#format(line);
    }
    if (text !== "") this.#output.stdout(text);
  }
}

type EventLine = Extract<Line, { kind: "event" }>;

/** Lines of text; for people who read a pipe, a file or a screen. */
export class PlainView extends OutputView {
  constructor(output: Output) {
    super(output, (line) => {
      const columns = output.columnsOf("stdout");
      return formatPlain(line, { current: line.event.room, columns });
    });
  }
}

/** The wire's events, one a line, unchanged but for characters that could act on a terminal. */
export class JsonView extends OutputView {
  constructor(output: Output) {
    super(output, ({ event }) => `${safeJson(event)}\n`);
  }
}

/** What the program has to say to whoever started it. */
export function tell(output: Output, line: Line): void {
  output.stderr(formatPlain(line, { columns: output.columnsOf("stderr") }));
}

/** A terminal gets rows that fit, so that none begins with a text of other people. */
function formatPlain(
  line: Line,
  { current, columns }: { readonly current?: string; readonly columns: number | undefined },
): string {
  const rows = formatLine(line, {
    time: (utcMs) => `${formatDay(utcMs)} ${formatClock(utcMs)}`,
    ...(current === undefined ? {} : { current }),
    ...(columns === undefined ? {} : { columns }),
  });
  return rows.map(({ text }) => `${text}\n`).join("");
}
