// The lines above the line being typed: each in rows that fit, a day before its first line, and the
// last ones kept, to be written for another width. Knows no terminal.

import { formatClock, formatDay, formatLine, type FormattedRow, type Paint } from "./layout.ts";
import { type Line, notice } from "./line.ts";

/** More than any screen has rows. */
const KEPT_LINES = 500;

/** A terminal that draws a character wider than is known must not begin a row with what is left. */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";

export interface Frame {
  readonly columns: number;
  /** The room that need not be named. */
  readonly current?: string | undefined;
}

interface Shown {
  readonly line: Line;
  readonly rows: readonly FormattedRow[];
}

export class ShownLines {
  readonly #paint: Paint;
  #shown: Shown[] = [];
  #day = "";

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** Lines below those before, as text that ends with a newline; empty without lines. */
  add(lines: readonly Line[], frame: Frame): string {
    const shown = this.#withDays(lines).map((line) => ({ line, rows: this.#rowsOf(line, frame) }));
    this.#shown = [...this.#shown, ...shown].slice(-KEPT_LINES);
    return toText(shown);
  }

  /**
   * The last lines, written for another width: as many as fit into so many rows. A terminal breaks the
   * rows of before by itself, so that text of other people begins rows in which only the program writes.
   * @returns also how many rows the lines take on such a terminal now
   */
  rewrite({ height, ...frame }: Frame & { readonly height: number }): {
    readonly rows: number;
    readonly text: string;
  } {
    const rows = this.#shown.flatMap(({ rows }) => rows)
      .reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / frame.columns)), 0);
    let free = height;
    const fitting: Shown[] = [];
    for (const { line } of this.#shown.toReversed()) {
      const shown = { line, rows: this.#rowsOf(line, frame) };
      free -= shown.rows.length;
      if (free < 0) break;
      fitting.unshift(shown);
    }
    this.#shown = fitting;
    return { rows, text: toText(fitting) };
  }

  #withDays(lines: readonly Line[]): readonly Line[] {
    return lines.flatMap((line) => {
      const day = line.kind === "event" ? formatDay(line.event.time) : this.#day;
      if (day === this.#day) return [line];
      this.#day = day;
      return [notice(day), line];
    });
  }

  #rowsOf(line: Line, { columns, current }: Frame): readonly FormattedRow[] {
    return formatLine(line, {
      columns,
      time: formatClock,
      paint: this.#paint,
      ...(current === undefined ? {} : { current }),
    });
  }
}

function toText(shown: readonly Shown[]): string {
  if (shown.length === 0) return "";
  const rows = shown.flatMap(({ rows }) => rows);
  return `${NO_WRAP}${rows.map(({ text }) => `${text}\n`).join("")}${WRAP}`;
}
