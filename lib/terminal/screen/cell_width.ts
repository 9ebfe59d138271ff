// How many columns a grapheme cluster takes. Terminals disagree about joined emoji, marks and flags:
// so there are two answers, the most that any terminal takes, and what most terminals of today take.
// Pure. Sources: UAX #11, UAX #29, UTS #51.

/** East Asian wide and fullwidth characters, and the planes of ideographs. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f000}-\u{1faff}\u{20000}-\u{3ffff}]/u;
/** Symbols that some terminals draw as emoji. */
const PICTOGRAPH = /[\p{Emoji_Presentation}\p{Extended_Pictographic}]/u;
/** Drawn over the character before them. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const EMOJI_STYLE = "\ufe0f";

/** Ideographs, kana and syllables that every terminal draws two columns wide. */
const SURELY_WIDE = /^[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]$/;
const ASCII = /^[\x20-\x7e]$/;
/** Vowels and finals that complete a Hangul syllable. */
const JAMO_TAIL = /^[\u1160-\u11ff]$/;
/** Joined, coloured or paired symbols: one picture. */
const ONE_PICTURE = /\u200d|\p{Emoji_Modifier}|^\p{Regional_Indicator}{2}/u;
const DRAWN_AS_EMOJI = /\p{Emoji_Presentation}/u;

/** The most columns that a terminal takes for a cluster; 0 for marks without a character. */
export function widthAtMost(cluster: string): number {
  if (ASCII.test(cluster)) return 1;
  let width = 0;
  for (const character of cluster) {
    if (ZERO.test(character)) continue;
    width += WIDE.test(character) || PICTOGRAPH.test(character) ? 2 : 1;
  }
  return cluster.includes(EMOJI_STYLE) ? Math.max(2, width) : width;
}

/** The columns that most terminals take for a cluster. */
export function likelyWidth(cluster: string): number {
  if (ASCII.test(cluster)) return 1;
  if (cluster.includes(EMOJI_STYLE)) return 2;
  if (ONE_PICTURE.test(cluster) && PICTOGRAPH.test(cluster)) return 2;
  let width = 0;
  for (const character of cluster) {
    if (ZERO.test(character) || JAMO_TAIL.test(character)) continue;
    width += WIDE.test(character) || DRAWN_AS_EMOJI.test(character) ? 2 : 1;
  }
  return width;
}

/** Whether all terminals agree about the width of a cluster. */
export function isSureWidth(cluster: string): boolean {
  return ASCII.test(cluster) || SURELY_WIDE.test(cluster);
}

/** A row that stands in a terminal, as far as its height in a narrower window follows from it. */
export interface WrittenRow {
  readonly width: number;
  /** The columns of each cell; undefined where each takes one. */
  readonly widths?: readonly number[] | undefined;
}

/** Where a column of a row stands after the terminal has broken the row for another width. */
export function reflowedPlace(
  { width, widths }: WrittenRow,
  { column, columns }: { readonly column: number; readonly columns: number },
): { readonly row: number; readonly column: number } {
  if (widths === undefined) {
    return { row: Math.floor(column / columns), column: column % columns };
  }
  let row = 0;
  let start = 0;
  let end = 0;
  for (const cell of widths) {
    if (end + cell - start > columns) {
      row++;
      start = end;
    }
    if (end + cell > column) return { row, column: column - start };
    end += cell;
  }
  const behind = Math.max(column, width) - start;
  return { row: row + Math.floor(behind / columns), column: behind % columns };
}

/** How many rows a row takes after the terminal has broken it for another width, if it has. */
export function reflowedHeight(row: WrittenRow, columns: number | undefined): number {
  if (row.width === 0 || columns === undefined) return 1;
  return reflowedPlace(row, { column: row.width - 1, columns }).row + 1;
}
