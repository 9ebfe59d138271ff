// Tells what was typed from what was pasted: a terminal in bracketed-paste mode puts a paste between
// two marks. Pure; bytes come in as they were read, in pieces of any size.

const BEGIN = "\x1b[200~";
const END = "\x1b[201~";

export type Piece =
  /** Keys as the terminal sends them. */
  | { readonly kind: "typed"; readonly keys: string }
  /** A paste, as lines; whatever could act on a terminal is gone. */
  | { readonly kind: "pasted"; readonly text: string }
  /** A paste so long that it was dropped. */
  | { readonly kind: "dropped" };

/** A paste of more is no message. */
const MAX_PASTE = 256 * 1024;

/** Splits what a terminal sends into typed and pasted pieces. */
export class PasteSplitter {
  readonly #decoder = new TextDecoder();
  /** The beginning of a mark that what comes next may complete. */
  #rest = "";
  /** The paste so far; undefined outside of one. */
  #paste: string | undefined;

  /** The pieces that became complete, in order. A lone escape waits for what it begins. */
  push(bytes: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    this.#rest = "";
    while (text !== "") {
      text = this.#paste === undefined
        ? this.#takeTyped(text, pieces)
        : this.#takePaste(text, pieces);
    }
    return pieces;
  }

  /** Takes keys up to the next paste; what is left. */
  #takeTyped(text: string, pieces: Piece[]): string {
    const begin = text.indexOf(BEGIN);
    const end = begin === -1 ? text.length - partialMark(text, BEGIN) : begin;
    if (end > 0) pieces.push({ kind: "typed", keys: text.slice(0, end) });
    if (begin === -1) {
      this.#rest = text.slice(end);
      return "";
    }
    this.#paste = "";
    return text.slice(begin + BEGIN.length);
  }

  /** Takes the paste up to its end; what is left. */
  #takePaste(text: string, pieces: Piece[]): string {
    // The last mark that there is: an earlier one was put into the clipboard to break out of it.
    const end = text.lastIndexOf(END);
    if (end === -1) {
      const kept = text.length - partialMark(text, END);
      this.#add(text.slice(0, kept));
      this.#rest = text.slice(kept);
      return "";
    }
    this.#add(text.slice(0, end));
    const paste = this.#paste ?? "";
    this.#paste = undefined;
    if (paste.length > MAX_PASTE) pieces.push({ kind: "dropped" });
    else pieces.push({ kind: "pasted", text: cleanPaste(paste) });
    return text.slice(end + END.length);
  }

  #add(text: string): void {
    const paste = this.#paste ?? "";
    if (paste.length <= MAX_PASTE) this.#paste = paste + text;
  }
}

/** How long an end of the text is that may be the beginning of the mark. */
function partialMark(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** A paste's lines without what could act on a terminal, and without newlines at the end. */
function cleanPaste(paste: string): string {
  return paste.replaceAll(BEGIN, "").replaceAll(END, "").replaceAll(/\r\n?/g, "\n")
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "").replace(/\n+$/, "");
}
