// A strict reader of what goes to a terminal (ECMA-48): every byte is part of exactly one token, so
// that a test can say which may occur. Knows no screen.

export type Token =
  | { readonly kind: "text"; readonly text: string }
  /** A C0 or C1 control or DEL, as its code. */
  | { readonly kind: "control"; readonly code: number }
  /** A control sequence: parameters, intermediates and final byte. */
  | { readonly kind: "csi"; readonly parameters: string; readonly final: string }
  /** An escape sequence other than those above. */
  | { readonly kind: "escape"; readonly text: string }
  /** A string that a terminal acts on: OSC, DCS, SOS, PM or APC. */
  | { readonly kind: "string"; readonly introducer: string; readonly text: string };

const STRINGS: Readonly<Record<string, string>> = {
  "]": "OSC",
  P: "DCS",
  X: "SOS",
  "^": "PM",
  _: "APC",
};
const C1_STRINGS: Readonly<Record<number, string>> = {
  0x9d: "OSC",
  0x90: "DCS",
  0x98: "SOS",
  0x9e: "PM",
  0x9f: "APC",
};

/** Splits text into tokens; what is cut off at its end is an `escape`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const { token, length } = readToken(text.slice(at));
    const last = tokens.at(-1);
    if (token.kind === "text" && last?.kind === "text") {
      tokens[tokens.length - 1] = { kind: "text", text: last.text + token.text };
    } else tokens.push(token);
    at += length;
  }
  return tokens;
}

function readToken(text: string): { readonly token: Token; readonly length: number } {
  const code = text.charCodeAt(0);
  const c1 = C1_STRINGS[code];
  if (c1 !== undefined) return readString(text, { introducer: c1, begin: 1 });
  if (code === 0x9b) return readCsi(text, 1);
  if (code === 0x1b) return readEscape(text);
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
    return { token: { kind: "control", code }, length: 1 };
  }
  // deno-lint-ignore no-control-regex
  const [plain = ""] = /^[^\x00-\x1f\x7f-\x9f]+/.exec(text) ?? [];
  return { token: { kind: "text", text: plain }, length: plain.length };
}

function readEscape(text: string): { readonly token: Token; readonly length: number } {
  const introducer = STRINGS[text[1] ?? ""];
  if (introducer !== undefined) return readString(text, { introducer, begin: 2 });
  if (text[1] === "[") return readCsi(text, 2);
  // deno-lint-ignore no-control-regex
  const [escape = text.slice(0, 2)] = /^\x1b[\x20-\x2f]*[\x30-\x7e]?/.exec(text) ?? [];
  return { token: { kind: "escape", text: escape.slice(1) }, length: escape.length };
}

function readCsi(text: string, begin: number): { readonly token: Token; readonly length: number } {
  const match = /^([\x30-\x3f]*[\x20-\x2f]*)([\x40-\x7e])/.exec(text.slice(begin));
  if (match === null) {
    return { token: { kind: "escape", text: text.slice(1) }, length: text.length };
  }
  const [whole, parameters = "", final = ""] = match;
  return { token: { kind: "csi", parameters, final }, length: begin + whole.length };
}

function readString(
  text: string,
  { introducer, begin }: { readonly introducer: string; readonly begin: number },
): { readonly token: Token; readonly length: number } {
  // deno-lint-ignore no-control-regex
  const end = /\x07|\x1b\\|\x9c/.exec(text.slice(begin));
  const stop = end === null ? text.length : begin + end.index;
  const token = { kind: "string", introducer, text: text.slice(begin, stop) } as const;
  return { token, length: stop + (end?.[0].length ?? 0) };
}
