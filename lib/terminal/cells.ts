// A row of spans as the cells that it takes in a terminal. The number is at least what any current terminal
// draws, except those that draw ambiguous characters wide (UAX #11). Pure.

import { widthAtMost } from "./screen/cell_width.ts";
import { safeText } from "./safe_text.ts";

export type Style = "plain" | "dim" | "bold" | "alarm" | { readonly colourOf: number };

export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Row = readonly Span[];

/** Gives a safe text its style; nothing else may add escape sequences. */
export type Paint = (safe: string, style: Style) => string;

const TAB_STOPS = 8;
const ADDRESS = "https://";
const ADDRESSES = /^https?:\/\//;

const PLAIN = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface StyledEnd {
  /** Behind the last cell of a span. */
  readonly end: number;
  readonly style: Style;
}

/** A cell here is a character with its marks, drawn as one; some are two columns wide, or none. */
export class CellRow {
  /** For plain ASCII the text itself: each character is a cell. */
  readonly #cells: string | readonly string[];
  /** Undefined where each cell is one column wide. */
  readonly #widths: readonly number[] | undefined;
  readonly #spans: readonly StyledEnd[];

  /** @param row made safe here; a tab becomes blanks up to its stop */
  constructor(row: Row) {
    const safe = row.map(({ text, style }) => ({ text: safeText(text), style }));
    if (safe.every(({ text }) => PLAIN.test(text))) {
      let end = 0;
      this.#cells = safe.map(({ text }) => text).join("");
      this.#spans = safe.map(({ text, style }) => ({ end: end += text.length, style }));
      return;
    }
    const cells: string[] = [];
    const widths: number[] = [];
    let column = 0;
    this.#cells = cells;
    this.#widths = widths;
    this.#spans = safe.map(({ text, style }) => {
      for (const { segment } of segmenter.segment(text)) {
        const isTab = segment === "\t";
        const width = isTab ? TAB_STOPS - column % TAB_STOPS : widthAtMost(segment);
        column += width;
        if (isTab) { for (let n = 0; n < width; n++) add(" ", 1); }
        else add(segment, width);
      }
      return { end: cells.length, style };
    });

    function add(cell: string, width: number): void {
      cells.push(cell);
      widths.push(width);
    }
  }

  get length(): number {
    return this.#cells.length;
  }

  /** How many columns the cells from `from` up to `end` take. */
  widthOf(from: number, end: number): number {
    if (this.#widths === undefined) return end - from;
    let width = 0;
    for (let at = from; at < end; at++) width += this.#widths[at] ?? 0;
    return width;
  }

  /** The columns of each of these cells; undefined where each takes one. */
  widthsOf(from: number, end: number): readonly number[] | undefined {
    return this.#widths?.slice(from, end);
  }

  /** Up to where the cells from `from` on fit: behind the last blank, unless that wastes half a row. */
  endOfRow(from: number, columns: number): number {
    const end = this.#lastFitting(from, columns);
    if (end === this.length) return end;
    const address = this.#addressAround(end, { from, columns });
    if (address !== undefined) return address;
    const most = from + (end - from) / 2;
    for (let at = end; at > most; at--) if (this.#cells[at - 1] === " ") return at;
    return end;
  }

  /** The cells from `from` up to `end`, painted. */
  format({ from, end, paint }: { from: number; end: number; paint: Paint }): string {
    let text = "";
    let begin = from;
    for (const { end: spanEnd, style } of this.#spans) {
      if (begin >= end) break;
      if (spanEnd <= begin) continue;
      const stop = Math.min(spanEnd, end);
      const cells = this.#cells.slice(begin, stop);
      text += paint(typeof cells === "string" ? cells : cells.join(""), style);
      begin = stop;
    }
    return text;
  }

  /** Where an address of the web begins that would be broken at `at`, and fits into a row of its own. */
  #addressAround(
    at: number,
    { from, columns }: { readonly from: number; readonly columns: number },
  ): number | undefined {
    let begin = at;
    while (begin > from && this.#cells[begin - 1] !== " ") begin--;
    if (begin === from || this.#cells[at] === " ") return undefined;
    const cells = this.#cells.slice(begin, begin + ADDRESS.length);
    if (!ADDRESSES.test(typeof cells === "string" ? cells : cells.join(""))) return undefined;
    let end = at;
    while (end < this.length && this.#cells[end] !== " ") end++;
    return this.widthOf(begin, end) <= columns ? begin : undefined;
  }

  #lastFitting(from: number, columns: number): number {
    if (this.#widths === undefined) return Math.min(this.length, from + columns);
    let end = from;
    for (let width = 0; end < this.length; end++) {
      width += this.#widths[end] ?? 0;
      if (width > columns) break;
    }
    return end;
  }
}
