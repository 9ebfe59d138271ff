// How many cells of a terminal a safe text takes: never fewer than any terminal of today draws, with
// the exception of those that draw ambiguous characters wide (UAX #11). Pure.

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

/** What is drawn as one: a character with its marks; `width` is 0 for marks without a character. */
export interface Cell {
  readonly text: string;
  readonly width: number;
}

/** A safe text as cells, from column `at` on, counted from 0. A tab becomes blanks up to its stop. */
export function cellsOf(text: string, at: number): readonly Cell[] {
  const cells: Cell[] = [];
  for (const character of PLAIN.test(text) ? text : graphemesOf(text)) {
    if (character !== "\t") {
      const cell = { text: character, width: widthOf(character) };
      cells.push(cell);
      at += cell.width;
      continue;
    }
    do {
      cells.push({ text: " ", width: 1 });
      at++;
    } while (at % TAB_STOPS !== 0);
  }
  return cells;
}

function* graphemesOf(text: string): Iterable<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function widthOf(grapheme: string): number {
  if (grapheme.length === 1 && grapheme <= "\x7e") return 1;
  let width = 0;
  for (const character of grapheme) {
    if (ZERO.test(character)) continue;
    width += WIDE.test(character) || PICTOGRAPH.test(character) ? 2 : 1;
  }
  return grapheme.includes(EMOJI_STYLE) ? Math.max(2, width) : width;
}
