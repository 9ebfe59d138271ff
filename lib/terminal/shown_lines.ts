// The lines above the line being typed: each in rows that fit, a day before its first line. It keeps
// the last ones, to write them for another width. Knows no terminal.

import { reflowedHeight, type WrittenRow } from "./screen/cell_width.ts";
import { formatClock, formatDay, formatLine, type FormattedRow, type Paint } from "./layout.ts";
import { type Line, notice } from "./view_lines.ts";

/** More than any screen has rows. */
const KEPT_LINES = 500;

export interface Frame {
  readonly columns: number;
  /** The current room: its lines do not name it. */
  readonly current?: string | undefined;
}

interface Shown {
  /** Undefined for rows of the draft that the terminal has scrolled off the screen. */
  readonly line: Line | undefined;
  readonly rows: readonly WrittenRow[];
}

/** What to write after the window has become wider or narrower. */
export interface Rewritten {
  /** So many rows at the top of the screen stay as they are. */
  readonly kept: number;
  /** Whether those are the end of a line that begins above the screen. */
  readonly isCut: boolean;
  readonly rows: readonly string[];
}

export class ShownLines {
  readonly #paint: Paint;
  #shown: Shown[] = [];
  #day = "";

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** Lines below those before, as rows. */
  add(lines: readonly Line[], frame: Frame): readonly string[] {
    const shown = this.#withDays(lines).map((line) => ({ line, rows: this.#rowsOf(line, frame) }));
    this.#shown = [...this.#shown, ...shown].slice(-KEPT_LINES);
    return textsOf(shown);
  }

  /**
   * The lines that stand whole on the screen, written for another width. A terminal breaks the rows
   * that stand there by itself, so that a text of other people begins rows that only the program may
   * begin. `rowsAbove` is how many rows of the screen are above the line being typed, `brokenAt` the
   * width at which the terminal has broken them, if it has.
   */
  rewrite(
    { rowsAbove, brokenAt, ...frame }: Frame & {
      readonly rowsAbove: number;
      readonly brokenAt: number | undefined;
    },
  ): Rewritten {
    let free = rowsAbove;
    let at = this.#shown.length;
    for (; at > 0; at--) {
      const rows = this.#shown[at - 1]?.rows ?? [];
      const height = rows.reduce((sum, row) => sum + reflowedHeight(row, brokenAt), 0);
      if (height > free) break;
      free -= height;
    }
    const rewritten = this.#shown.slice(at).flatMap(({ line }) => {
      return line === undefined ? [] : [{ line, rows: this.#rowsOf(line, frame) }];
    });
    this.#shown = [...this.#shown.slice(0, at), ...rewritten];
    return { kept: free, isCut: at > 0 && free > 0, rows: textsOf(rewritten) };
  }

  /** Rows that stand above the screen and are no line: when they come back, they go. */
  addRemnant(rows: readonly WrittenRow[]): void {
    if (rows.length > 0) this.#shown.push({ line: undefined, rows });
  }

  /** The lines may stand anywhere now: none of them is written again. */
  forget(): void {
    this.#shown = [];
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

function textsOf(shown: readonly { readonly rows: readonly FormattedRow[] }[]): readonly string[] {
  return shown.flatMap(({ rows }) => rows.map(({ text }) => text));
}
