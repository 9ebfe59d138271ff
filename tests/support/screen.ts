// A terminal's screen, as far as our client may use one: whatever else it is sent is an error, so
// that a test that draws a screen also proves what was drawn with.

import { type Token, tokenize } from "./ecma48.ts";

/** East Asian wide characters and emoji take two cells. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;
const ZERO = /[\p{M}\u200d\ufe0f]/u;

/** A cell that is the second half of a wide character. */
const HALF = "";

interface Row {
  readonly cells: string[];
  /** Whether the next row goes on with this one's line. */
  goesOn: boolean;
}

export class Screen {
  columns: number;
  readonly rows: number;
  /** What has scrolled off the top. */
  readonly scrolled: string[] = [];
  #rows: Row[];
  #x = 0;
  #y = 0;
  /** The last column was written: the next character goes to the next row. */
  #isFull = false;
  /** Whether a row that is full goes on in the next one. */
  #wraps = true;
  #rest = "";

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#rows = Array.from({ length: rows }, () => this.#blank());
  }

  /** The rows as they are seen, without blanks at their ends. */
  get lines(): readonly string[] {
    return this.#rows.map(({ cells }) => cells.join("").trimEnd());
  }

  /** Everything that was ever seen, from the first row to the last that is not blank. */
  get all(): readonly string[] {
    return [...this.scrolled, ...this.lines].join("\n").trimEnd().split("\n");
  }

  /** Where the cursor is, from 0. */
  get cursor(): { readonly x: number; readonly y: number } {
    return { x: this.#x, y: this.#y };
  }

  /** Draws what was sent. @throws for what no client of ours sends */
  feed(text: string): void {
    const whole = this.#rest + text;
    const cut = cutOff(whole);
    this.#rest = whole.slice(whole.length - cut);
    for (const token of tokenize(whole.slice(0, whole.length - cut))) this.#draw(token);
  }

  /** Another width: lines are broken anew, and the cursor stays with its character. */
  resize(columns: number): void {
    const lines: string[][] = [];
    let cursor = { line: 0, at: 0 };
    for (const [y, { cells }] of this.#rows.slice(0, this.#lastUsed() + 1).entries()) {
      if (y > 0 && this.#rows[y - 1]?.goesOn) lines.at(-1)?.push(...cells);
      else lines.push([...cells]);
      const line = lines.length - 1;
      const before = (lines[line]?.length ?? 0) - cells.length;
      if (y === this.#y) cursor = { line, at: before + this.#x + (this.#isFull ? 1 : 0) };
    }
    this.columns = columns;
    this.#rows = [];
    for (const [n, line] of lines.entries()) {
      const used = line.join("").trimEnd().length;
      const length = n === cursor.line ? Math.max(used, cursor.at) : used;
      for (let at = 0; at === 0 || at < length; at += columns) {
        const row = this.#blank();
        row.cells.splice(
          0,
          columns,
          ...this.#padded(line.slice(at, Math.min(at + columns, length))),
        );
        row.goesOn = at + columns < length;
        if (n === cursor.line && cursor.at >= at && cursor.at <= at + columns) {
          this.#y = this.#rows.length;
          this.#x = Math.min(cursor.at - at, columns - 1);
          this.#isFull = cursor.at - at === columns;
        }
        this.#rows.push(row);
      }
    }
    while (this.#rows.length > this.rows) {
      this.scrolled.push((this.#rows.shift()?.cells ?? []).join("").trimEnd());
      this.#y--;
    }
    while (this.#rows.length < this.rows) this.#rows.push(this.#blank());
  }

  #lastUsed(): number {
    const used = this.#rows.findLastIndex(({ cells }) => cells.join("").trimEnd() !== "");
    return Math.max(used, this.#y);
  }

  #padded(cells: readonly string[]): readonly string[] {
    return Array.from({ length: this.columns }, (_, x) => cells[x] ?? " ");
  }

  #blank(): Row {
    return { cells: Array.from({ length: this.columns }, () => " "), goesOn: false };
  }

  #draw(token: Token): void {
    if (token.kind === "text") {
      for (const character of token.text) this.#put(character);
    } else if (token.kind === "control") this.#control(token.code);
    else if (token.kind === "csi") this.#sequence(token.parameters, token.final);
    else throw new Error(`Not for our terminals: ${JSON.stringify(token)}`);
  }

  #put(character: string): void {
    if (ZERO.test(character)) return;
    const width = WIDE.test(character) ? 2 : 1;
    if (!this.#wraps) this.#x = Math.max(0, Math.min(this.#x, this.columns - width));
    else if (this.#isFull || this.#x + width > this.columns) {
      this.#x = 0;
      this.#row.goesOn = true;
      this.#down();
    }
    this.#isFull = false;
    const { cells } = this.#row;
    cells[this.#x] = character;
    if (width === 2) cells[this.#x + 1] = HALF;
    this.#x += width;
    if (this.#x >= this.columns) {
      this.#x = this.columns - 1;
      this.#isFull = true;
    }
  }

  get #row(): Row {
    return this.#rows[this.#y] ?? this.#blank();
  }

  #down(): void {
    if (this.#y < this.rows - 1) {
      this.#y++;
      return;
    }
    this.scrolled.push((this.#rows.shift()?.cells ?? []).join("").trimEnd());
    this.#rows.push(this.#blank());
  }

  #control(code: number): void {
    this.#isFull = false;
    if (code === 0x0a) this.#down();
    else if (code === 0x0d) this.#x = 0;
    else if (code === 0x08) this.#x = Math.max(0, this.#x - 1);
    else if (code === 0x09) this.#x = Math.min(this.columns - 1, (Math.floor(this.#x / 8) + 1) * 8);
    else throw new Error(`Not for our terminals: control ${code}`);
  }

  #sequence(parameters: string, final: string): void {
    if (final === "m" && /^[0-9;]*$/.test(parameters)) return;
    if (parameters === "?2004" && (final === "h" || final === "l")) return;
    if (parameters === "?7" && (final === "h" || final === "l")) {
      this.#wraps = final === "h";
      return;
    }
    if (!/^\d*$/.test(parameters)) {
      throw new Error(`Not for our terminals: CSI ${parameters}${final}`);
    }
    this.#isFull = false;
    const count = Math.max(1, Number(parameters));
    const { cells } = this.#row;
    if (final === "A") this.#y = Math.max(0, this.#y - count);
    else if (final === "B") this.#y = Math.min(this.rows - 1, this.#y + count);
    else if (final === "C") this.#x = Math.min(this.columns - 1, this.#x + count);
    else if (final === "D") this.#x = Math.max(0, this.#x - count);
    else if (final === "G") this.#x = Math.min(this.columns, count) - 1;
    else if (final === "K" && parameters === "2") cells.fill(" ");
    else if (final === "K" && Number(parameters) === 0) cells.fill(" ", this.#x);
    else if (final === "J" && Number(parameters) === 0) {
      cells.fill(" ", this.#x);
      this.#row.goesOn = false;
      for (let y = this.#y + 1; y < this.rows; y++) this.#rows[y] = this.#blank();
    } else throw new Error(`Not for our terminals: CSI ${parameters}${final}`);
  }
}

/** How many characters at the end may be the beginning of a sequence that is not whole yet. */
function cutOff(text: string): number {
  // deno-lint-ignore no-control-regex
  const [open = ""] = /\x1b(?:\[[\x20-\x3f]*)?$/.exec(text) ?? [];
  return open.length;
}
