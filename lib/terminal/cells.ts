// A row of spans as the cells of a terminal that it takes: never fewer than any terminal of today
// draws, with the exception of those that draw ambiguous characters wide (UAX #11). Pure.

import { safeText } from "./safe_text.ts";

export type Style = "plain" | "dim" | "bold" | "alarm" | { readonly colourOf: number };

export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Row = readonly Span[];

/** Gives a safe text its style; the only one who may add escape sequences. */
export type Paint = (safe: string, style: Style) => string;

/** East Asian wide and fullwidth characters, and the planes of ideographs. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f000}-\u{1faff}\u{20000}-\u{3ffff}]/u;
/** Symbols that some terminals draw as emoji. */
const PICTOGRAPH = /[\p{Emoji_Presentation}\p{Extended_Pictographic}]/u;
/** Drawn over the character before them. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const EMOJI_STYLE = "\ufe0f";
const TAB_STOPS = 8;

const PLAIN = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface StyledEnd {
  /** Behind the last cell of a span. */
  readonly end: number;
  readonly style: Style;
}

/** What is drawn as one, a character with its marks, is a cell here; some are two columns wide, or none. */
export class CellRow {
  /** Of plain ASCII the text itself: each character is a cell. */
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
        const width = isTab ? TAB_STOPS - column % TAB_STOPS : widthOf(segment);
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

  /** Up to where the cells from `from` on fit: behind the last blank, unless that wastes half a row. */
  endOfRow(from: number, columns: number): number {
    const end = this.#lastFitting(from, columns);
    if (end === this.length) return end;
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

/** Of a character with its marks; 0 for marks without a character. */
function widthOf(grapheme: string): number {
  if (grapheme.length === 1 && grapheme <= "\x7e") return 1;
  let width = 0;
  for (const character of grapheme) {
    if (ZERO.test(character)) continue;
    width += WIDE.test(character) || PICTOGRAPH.test(character) ? 2 : 1;
  }
  return grapheme.includes(EMOJI_STYLE) ? Math.max(2, width) : width;
}
