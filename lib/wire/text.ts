// The syntax of texts and names on the wire. Whether a name is reserved, taken or too similar to another
// is checked elsewhere (chat/people/names.ts).

import { ChatError } from "./errors.ts";
import { escapeUnit, formatJson } from "./json.ts";
import type { Limits } from "./limits.ts";

/** The limits of a text. */
export type TextLimits = Pick<Limits, "content" | "content_encoded" | "content_lines">;

// Not allowed in a text, besides lone surrogates: controls other than newline and tab, and noncharacters,
// those outside the BMP as surrogate pairs. U+0000 and lone surrogates would be stored as something else
// than was sent; some of the others control terminals.
const REFUSED =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

/** JSON spends at most six bytes on a UTF-16 unit (`\u2028`), and two quotes on a text. */
const MAX_ENCODED_PER_UNIT = 6;
const QUOTES = 2;

const ACCOUNT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,30}[A-Za-z0-9]$/;

/** For counting bytes without allocating; never read. */
const scratch = new Uint8Array(16 * 1024);
const encoder = new TextEncoder();

/** How much of a refused value an error quotes, in UTF-16 units. */
const QUOTED_UNITS = 32;

/** The length of a text as UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0;
  let rest = text;
  while (rest !== "") {
    const { read, written } = encoder.encodeInto(rest, scratch);
    bytes += written;
    rest = rest.slice(read);
  }
  return bytes;
}

/** Whether the text takes more than so many bytes as UTF-8; counts only when it is close. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false;
  return text.length > maxBytes || byteLength(text) > maxBytes;
}

/**
 * Whether a text holds a character that is not allowed: control characters other than newline and tab, lone
 * surrogates, noncharacters.
 */
export function hasRefusedCharacters(text: string): boolean {
  return REFUSED.test(text) || !text.isWellFormed();
}

/**
 * Checks the text of a message: not empty, no refused characters, not too long.
 * @throws {ChatError} bad_text or too_long, with the field.
 */
export function checkText(
  text: string,
  limits: TextLimits,
  options: { field?: string } = {},
): void {
  const { field = "content" } = options;
  if (text === "") {
    throw new ChatError("bad_text", "The text is empty: say at least one character", { field });
  }
  if (isLongerThan(text, limits.content)) {
    throw tooLong(field, `at most ${limits.content} bytes of UTF-8 are allowed`);
  }
  if (hasRefusedCharacters(text)) {
    throw new ChatError(
      "bad_text",
      `The text holds ${
        nameRefused(text)
      }: of the control characters only newline and tab are allowed`,
      { field },
    );
  }
  if (countLines(text) > limits.content_lines) {
    throw tooLong(field, `at most ${limits.content_lines} lines are allowed`);
  }
  if (
    text.length * MAX_ENCODED_PER_UNIT + QUOTES > limits.content_encoded &&
    byteLength(formatJson(text)) > limits.content_encoded
  ) {
    throw tooLong(field, `as JSON it may take at most ${limits.content_encoded} bytes`);
  }
}

function tooLong(field: string, allowed: string): ChatError {
  return new ChatError("too_long", `The text is too long: ${allowed}`, { field });
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** The refused character, by its code point. */
function nameRefused(text: string): string {
  const code = REFUSED.exec(text)?.[0].codePointAt(0);
  if (code === undefined) return "half a surrogate pair";
  return "U+" + code.toString(16).toUpperCase().padStart(4, "0");
}

/**
 * The beginning of a text whose JSON takes at most so many bytes, cut between characters: the whole
 * text, unless it was written under other rules than `checkText`'s.
 */
export function beginningOf(text: string, maxEncodedBytes: number): string {
  if (text.length * MAX_ENCODED_PER_UNIT + QUOTES <= maxEncodedBytes) return text;
  const fits = (units: number) => byteLength(formatJson(text.slice(0, units))) <= maxEncodedBytes;
  // A unit takes at least a byte: more units than bytes never fit.
  const longest = Math.min(text.length, maxEncodedBytes);
  if (longest === text.length && fits(longest)) return text;
  let [most, tooMany] = [0, longest];
  while (tooMany - most > 1) {
    const units = Math.floor((most + tooMany) / 2);
    if (fits(units)) most = units;
    else tooMany = units;
  }
  // Never between the two halves of a pair: one half takes more bytes in JSON than both.
  return text.slice(0, most);
}

/** Whether a user could have this name: 2 to 32 letters, digits, `_` and `-`, a letter first. */
export function isAccountName(name: string): boolean {
  return ACCOUNT_NAME.test(name);
}

/** A token, or a code as one is shown: people paste them into the wrong field. */
const SECRET = /ply_\w+|\b[0-9A-HJ-NP-TV-Z]{4}(?:[- ]?[0-9A-HJ-NP-TV-Z]{4}){3}\b/g;

/** The beginning of a text, quoted, as printable ASCII and without secrets: fit for an error message. */
export function quote(whole: string): string {
  const text = whole.replace(SECRET, "(secret)");
  const beginning = JSON.stringify(text.slice(0, QUOTED_UNITS)).replace(
    /[^\x20-\x7e]/g,
    escapeUnit,
  );
  return text.length > QUOTED_UNITS ? beginning.slice(0, -1) + '…"' : beginning;
}
