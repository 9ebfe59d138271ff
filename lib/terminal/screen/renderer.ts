// Draws the block of rows at the bottom, and lines above it: rows become the bytes that a terminal needs to
// show them. Pure. It knows in which of its rows the cursor is, because the terminal breaks no row:
// autowrap is off while rows are written. It moves to rows relatively and to columns absolutely. So it need
// not know where on the screen the block is, and a character of unexpected width cannot make it draw in
// another row.

import type { Block, BlockRow } from "./block.ts";
import { reflowedHeight, reflowedPlace, type WrittenRow } from "./cell_width.ts";

const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
/** Not from the first column: in the first row tmux would keep what is cleared in its scrollback. */
const CLEAR_DOWN = "\r\x1b[2K\x1b[C\x1b[J\r";
const CLEAR_ROW = "\r\x1b[2K";
const NEW_ROW = "\r\n";
const HOME = "\x1b[H";

const NOTHING: Block = { rows: [], cursor: { row: 0, column: 0 } };

export class Renderer {
  /** What stands on the screen now. */
  #drawn: Block = NOTHING;
  /** The row of the block in which the text drawn last has left the cursor. */
  #at = 0;
  /** Whether this terminal breaks the row in which the cursor is, as far as its reports have shown. */
  #breaksCursorRow = false;

  /** Draws the block, below these rows if there are any; empty when it stands there already. */
  draw(block: Block, above: readonly string[] = []): string {
    const text = above.length === 0 ? this.#change(block) : this.#redraw(block, above);
    const isMoved = this.#drawn.cursor.column !== block.cursor.column ||
      this.#drawn.cursor.row !== block.cursor.row;
    if (text === "" && !isMoved) return "";
    const at = text === "" ? this.#drawn.cursor.row : this.#at;
    this.#drawn = block;
    const wrapped = text === "" ? "" : NO_WRAP + text + WRAP;
    return wrapped + moveRows(at, block.cursor.row) + `\x1b[${block.cursor.column + 1}G`;
  }

  /** Takes the block off the screen; the cursor stands where it began. */
  erase(): string {
    const text = moveRows(this.#drawn.cursor.row, 0) + CLEAR_DOWN;
    this.#drawn = NOTHING;
    return text;
  }

  /** Scrolls all that is on the screen off its top; the cursor stands in the first row. */
  scrollOff(height: number): string {
    return this.erase() + scrollAbove(height);
  }

  /**
   * How many rows the block takes above the cursor after the terminal has broken its rows for another
   * width. Some terminals do not break the row in which the cursor is: the column tells in which the
   * terminal reports it. Without a report the least is returned, so that no line above is erased.
   */
  rowsAboveCursor(
    { brokenAt: columns, reported }: {
      readonly brokenAt: number | undefined;
      readonly reported: number | undefined;
    },
  ): number {
    const { rows, cursor } = this.#drawn;
    if (reported === undefined || columns === undefined) return cursor.row;
    const above = rows.slice(0, cursor.row)
      .reduce((sum, row) => sum + reflowedHeight(row, columns), 0);
    const own = rows[cursor.row];
    if (own === undefined || cursor.column < columns) return above;
    const place = reflowedPlace(own, { column: cursor.column, columns });
    // A cursor that is kept out of a broken row is in the last column.
    if (place.column !== columns - 1) this.#breaksCursorRow = reported === place.column + 1;
    return this.#breaksCursorRow ? above + place.row : above;
  }

  /** The first rows of the block, as many as take `height` rows of another width. */
  firstRows(
    { brokenAt, height }: { readonly brokenAt: number | undefined; readonly height: number },
  ): readonly WrittenRow[] {
    const first: WrittenRow[] = [];
    let free = height;
    for (const row of this.#drawn.rows) {
      if (free <= 0) break;
      const whole = reflowedHeight(row, brokenAt);
      const taken = Math.min(free, whole);
      // A row of which a part stays has been broken there; any other has the width that it had.
      first.push(taken === whole || brokenAt === undefined ? row : { width: taken * brokenAt });
      free -= taken;
    }
    return first;
  }

  /** Erases a block that takes so many rows above the cursor now. */
  eraseReflowed(rowsAbove: number): string {
    this.#drawn = NOTHING;
    return moveRows(rowsAbove, 0) + CLEAR_DOWN;
  }

  /**
   * Clears the screen below its first `kept` rows; those go off its top when `isCut`. The cursor stands
   * where the next rows are to begin.
   */
  clearBelow(
    { kept, isCut, height }: {
      readonly kept: number;
      readonly isCut: boolean;
      readonly height: number;
    },
  ): string {
    this.#drawn = NOTHING;
    const clear = `\x1b[${kept + 1};1H${CLEAR_DOWN}`;
    return isCut ? clear + scrollAbove(height) : clear;
  }

  /** The cursor is in an empty row, and nothing that was drawn can be reached any more. */
  forget(): void {
    this.#drawn = NOTHING;
  }

  /** Everything again, below new rows. */
  #redraw({ rows }: Block, above: readonly string[]): string {
    const text = [...above, ...rows.map((row) => row.text)].join(NEW_ROW);
    const begin = moveRows(this.#drawn.cursor.row, 0) + CLEAR_DOWN;
    this.#at = Math.max(0, rows.length - 1);
    // Without a block the cursor goes below the rows.
    return begin + text + (rows.length === 0 ? NEW_ROW : "");
  }

  /** The rows that are not as they were. */
  #change({ rows }: Block): string {
    const old = this.#drawn.rows;
    let text = "";
    this.#at = this.#drawn.cursor.row;
    const go = (row: number): void => {
      text += moveRows(this.#at, row);
      this.#at = row;
    };
    rows.forEach((row, n) => {
      if (n < old.length) {
        if (isSame(row, old[n])) return;
        go(n);
        text += CLEAR_ROW + row.text;
      } else {
        go(Math.max(0, n - 1));
        text += (n === 0 ? CLEAR_DOWN : NEW_ROW) + row.text;
        this.#at = n;
      }
    });
    if (rows.length < old.length) {
      go(rows.length);
      text += CLEAR_DOWN;
    }
    return text;
  }
}

function isSame(row: BlockRow, other: BlockRow | undefined): boolean {
  return row.text === other?.text;
}

function moveRows(from: number, to: number): string {
  if (from === to) return "";
  return from > to ? `\x1b[${from - to}A` : `\x1b[${to - from}B`;
}

/** From the row in which the cursor is down to the last one, and as many rows off the top as are above it. */
function scrollAbove(height: number): string {
  return "\n".repeat(Math.max(0, height - 1)) + HOME;
}
