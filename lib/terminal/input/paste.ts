// A paste: what a terminal in bracketed-paste mode puts between two marks. Pure.

/** The parameters of the control sequences before and after a paste. */
export const PASTE_BEGIN = "\x1b[200~";
export const PASTE_END = "\x1b[201~";

/** A longer paste is no message. */
const MAX_PASTE = 256 * 1024;

/** Gathers the text of one paste. */
export class PasteText {
  #text = "";

  /** Takes more text. A paste that has become too long keeps nothing more. */
  add(text: string): void {
    if (this.#text.length <= MAX_PASTE) this.#text += text;
  }

  /** The text as lines without controls; undefined when the paste is too long. */
  get whole(): string | undefined {
    return this.#text.length > MAX_PASTE ? undefined : cleanPaste(this.#text);
  }
}

/**
 * Where a paste ends in `text`; -1 when its end has not been read. A clipboard can hold an end mark:
 * so the last end mark before the next begin mark counts, as far as has been read.
 */
export function findPasteEnd(text: string): number {
  const first = text.indexOf(PASTE_END);
  if (first === -1) return -1;
  const next = text.indexOf(PASTE_BEGIN, first);
  return text.lastIndexOf(PASTE_END, next === -1 ? Infinity : next);
}

/** How many characters at the end of `text` can be the beginning of `mark`. */
export function partialMark(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** The lines of a paste without controls that could act on a terminal, and without newlines at the end. */
function cleanPaste(paste: string): string {
  return paste.replaceAll(PASTE_BEGIN, "").replaceAll(PASTE_END, "").replaceAll(/\r\n?/g, "\n")
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "").replace(/\n+$/, "");
}
