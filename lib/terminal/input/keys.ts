// deno-lint-ignore-file no-control-regex -- what a terminal sends is controls
// Bytes from a terminal become keys, text and pastes. Pure: the time after which an Esc stands alone
// is measured by the caller. Sources: ECMA-48, xterm's control sequences (bracketed paste,
// modifyOtherKeys), the kitty keyboard protocol.

import { findPasteEnd, partialMark, PASTE_BEGIN, PASTE_END, PasteText } from "./paste.ts";

export type Input =
  /** A key with a name: `enter`, `ctrl-a`, `alt-b`, `ctrl-left`. */
  | { readonly kind: "key"; readonly key: string }
  /** Printable characters, as typed. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  /** A paste so long that it was dropped. */
  | { readonly kind: "droppedPaste" }
  /** The terminal's report of its cursor, from 1. */
  | { readonly kind: "cursor"; readonly row: number; readonly column: number }
  /** The window has got the focus, or lost it (mode 1004). */
  | { readonly kind: "focus"; readonly isFocused: boolean }
  /** The terminal's report of its kind (DA2). */
  | { readonly kind: "attributes"; readonly terminal: number; readonly version: number };

const CTRL_C = 0x03;
const CONTROLS: Readonly<Record<string, string>> = {
  "\0": "ctrl-space",
  "\b": "backspace",
  "\t": "tab",
  "\n": "ctrl-j",
  "\r": "enter",
  "\x7f": "backspace",
  "\x1f": "ctrl-_",
};
const LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  M: "enter",
};
const NUMBERS: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "page-up",
  6: "page-down",
  7: "home",
  8: "end",
};
/** Keys that modifyOtherKeys and kitty's protocol report by their code. */
const CODES: Readonly<Record<number, string>> = {
  9: "tab",
  13: "enter",
  27: "escape",
  127: "backspace",
};

const TEXT = /[^\x00-\x1f\x7f-\x9f]+/y;
/** Function keys of the Linux console, which are no control sequences of ECMA-48. */
const CONSOLE_KEY = /\x1b\[\[[A-Z]/y;
const CSI = /\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])/y;
const SS3 = /\x1bO(\d*)([A-Za-z])/y;
/** The beginning of a sequence whose rest has not been read. */
const UNFINISHED = /\x1b(?:\[\[?[\x20-\x3f]*|O\d*)?$/y;
const ALT = /\x1b([^\x00-\x1f\x80-\x9f])/uy;

/** The keys of one terminal. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  /** The beginning of a sequence that the next bytes may complete. */
  #rest = "";
  /** The paste so far; undefined outside of one. */
  #paste: PasteText | undefined;

  /** Whether what was read last may be the beginning of a sequence, or a key by itself. */
  get isPending(): boolean {
    return this.#rest !== "" && this.#paste === undefined;
  }

  /**
   * The input that these bytes complete, in order. A Ctrl-C by itself ends a paste that does not end:
   * nothing of it is kept.
   */
  push(bytes: Uint8Array): readonly Input[] {
    if (this.#paste !== undefined && bytes.length === 1 && bytes[0] === CTRL_C) {
      this.#paste = undefined;
      this.#rest = "";
    }
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** No further bytes have come for a while: what is pending stands alone. */
  flush(): readonly Input[] {
    if (!this.isPending) return [];
    const rest = this.#rest.slice(1);
    this.#rest = "";
    return [{ kind: "key", key: "escape" }, ...this.#take(rest)];
  }

  #take(read: string): readonly Input[] {
    const inputs: Input[] = [];
    let text = this.#rest + read;
    this.#rest = "";
    while (text !== "") {
      text = this.#paste === undefined
        ? this.#takeKeys(text, inputs)
        : this.#takePaste(text, this.#paste, inputs);
    }
    return inputs;
  }

  /** Takes keys up to the next paste. @returns what is left */
  #takeKeys(text: string, inputs: Input[]): string {
    let at = 0;
    while (at < text.length) {
      if (text.startsWith(PASTE_BEGIN, at)) {
        this.#paste = new PasteText();
        return text.slice(at + PASTE_BEGIN.length);
      }
      UNFINISHED.lastIndex = at;
      if (UNFINISHED.test(text)) {
        this.#rest = text.slice(at);
        return "";
      }
      const { length, input } = decodeAt(text, at);
      if (input !== undefined) inputs.push(input);
      at += length;
    }
    return "";
  }

  /** Takes the paste up to its end. @returns what is left */
  #takePaste(text: string, paste: PasteText, inputs: Input[]): string {
    const end = findPasteEnd(text);
    if (end === -1) {
      const kept = text.length - partialMark(text, PASTE_END);
      paste.add(text.slice(0, kept));
      this.#rest = text.slice(kept);
      return "";
    }
    paste.add(text.slice(0, end));
    this.#paste = undefined;
    const { whole } = paste;
    inputs.push(whole === undefined ? { kind: "droppedPaste" } : { kind: "paste", text: whole });
    return text.slice(end + PASTE_END.length);
  }
}

interface Decoded {
  readonly length: number;
  /** Undefined for a sequence without a meaning here. */
  readonly input?: Input | undefined;
}

/** The input that begins at `at`; at least one character long. */
function decodeAt(text: string, at: number): Decoded {
  const matched = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const printable = matched(TEXT);
  if (printable !== null) {
    return { length: printable[0].length, input: { kind: "text", text: printable[0] } };
  }
  if (text[at] !== "\x1b") return { length: 1, input: key(controlName(text[at] ?? "")) };
  const console = matched(CONSOLE_KEY);
  if (console !== null) return { length: console[0].length };
  const csi = matched(CSI);
  if (csi !== null) {
    const [{ length }, parameters = "", final = ""] = csi;
    return { length, input: fromCsi(parameters, final) };
  }
  const ss3 = matched(SS3);
  if (ss3 !== null) {
    const [{ length }, modifiers = "", final = ""] = ss3;
    return { length, input: named(LETTERS[final], modifiers) };
  }
  return decodeAlt(text, at, matched(ALT));
}

/** Esc and a character in one read: Alt with that character. Other keys stay keys of their own. */
function decodeAlt(text: string, at: number, alt: RegExpExecArray | null): Decoded {
  if (text[at + 1] === "\r") return { length: 2, input: key("alt-enter") };
  if (text[at + 1] === "\b" || text[at + 1] === "\x7f") {
    return { length: 2, input: key("alt-backspace") };
  }
  if (alt === null) return { length: 1, input: key("escape") };
  return { length: alt[0].length, input: key(`alt-${(alt[1] ?? "").toLowerCase()}`) };
}

/** Undefined for controls without a key: C1, and those of C0 that no key here sends. */
function controlName(control: string): string | undefined {
  const named = CONTROLS[control];
  const code = control.charCodeAt(0);
  return named ?? (code <= 0x1a ? `ctrl-${String.fromCharCode(code + 0x60)}` : undefined);
}

function fromCsi(parameters: string, final: string): Input | undefined {
  const [first = "", second = "", third = ""] = parameters.split(";").map((part) => {
    return part.split(":")[0] ?? "";
  });
  if (final === "R" && /^\d+;\d+$/.test(parameters)) {
    return { kind: "cursor", row: Number(first), column: Number(second) };
  }
  if (final === "c" && first.startsWith(">")) {
    return { kind: "attributes", terminal: Number(first.slice(1)), version: Number(second) };
  }
  if (parameters === "" && (final === "I" || final === "O")) {
    return { kind: "focus", isFocused: final === "I" };
  }
  if (final === "Z") return key("shift-tab");
  if (final === "u") return byCode(Number(first), second);
  if (final === "~" && first === "27") return byCode(Number(third), second);
  if (final === "~") return named(NUMBERS[first], second);
  return named(LETTERS[final], second);
}

function byCode(code: number, modifiers: string): Input | undefined {
  const name = CODES[code];
  if (name !== undefined) return named(name, modifiers);
  if (!(code > 0x20 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xf8ff)) return undefined;
  const character = String.fromCodePoint(code);
  const prefix = prefixOf(modifiers).replace("shift-", "");
  return prefix === "" ? { kind: "text", text: character } : key(prefix + character.toLowerCase());
}

function named(name: string | undefined, modifiers: string): Input | undefined {
  return key(name === undefined ? undefined : prefixOf(modifiers) + name);
}

/** The modifiers of a key, in the order ctrl, alt, shift; xterm reports 1 + shift 1, alt 2, ctrl 4. */
function prefixOf(modifiers: string): string {
  const bits = Math.max(0, Number(modifiers) - 1);
  return `${bits & 4 ? "ctrl-" : ""}${bits & 2 ? "alt-" : ""}${bits & 1 ? "shift-" : ""}`;
}

function key(name: string | undefined): Input | undefined {
  return name === undefined ? undefined : { kind: "key", key: name };
}
