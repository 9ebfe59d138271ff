// The words of a text, as the search stores and looks them up: one tokenizer for every database. A token is
// ASCII, so that no database's own rules for letters, stop words or shortest words apply. Pure functions.

/** A word is cut to this; the same cut in text and query lets a longer word be found. */
const MOST_ASCII = 78;
const MOST_OTHER = 18;
/** Code points as text: 36 ** 4 is above the highest one. */
const RADIX = 36;
const UNITS_A_CODE_POINT = 4;

/** Scripts without blanks between words: they are searched by pairs of characters. */
const PAIRED = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}" +
  "\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\u30fc";
const RUNS = new RegExp(`[${PAIRED}]+|(?:(?![${PAIRED}])[\\p{L}\\p{N}])+`, "gu");
const IS_PAIRED = new RegExp(`^[${PAIRED}]`, "u");

const LONG_ASCII = new RegExp(`([a-z0-9]{${MOST_ASCII + 2}})[a-z0-9]+`, "g");
/** Most texts are ASCII, where folding is a change of case. */
const IS_ASCII = /^[\0-\x7f]*$/;

/**
 * The tokens to store for a text, in its order: one for each word, and for a run of `n` characters of a
 * script without blanks its `n - 1` pairs and its last character.
 */
export function textTokens(text: string): readonly string[] {
  return runsOf(text).flatMap((run) => {
    if (!IS_PAIRED.test(run)) return [wordToken(run)];
    const characters = [...run];
    return characters.map((character, at) => otherToken([character, characters[at + 1] ?? ""]));
  });
}

/** The same as text to store, a blank between two. Of ASCII it makes no list: long texts are many words. */
export function textWords(text: string): string {
  if (!IS_ASCII.test(text)) return textTokens(text).join(" ");
  return text.toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, " ")
    .trim()
    .replaceAll(/[a-z0-9]+/g, "aa$&")
    .replaceAll(LONG_ASCII, "$1");
}

/** The tokens that follow each other wherever a text contains a term. */
export interface TermTokens {
  readonly tokens: readonly string[];
  /** Whether the last token may continue: a single character, which begins a pair or ends a run. */
  readonly isPrefix: boolean;
}

/** The tokens of a term of a query: a word, or a phrase; without tokens it can match nothing. */
export function termTokens(term: string): TermTokens {
  const runs = runsOf(term);
  const last = runs.at(-1);
  if (last === undefined || !IS_PAIRED.test(last)) {
    return { tokens: runs.flatMap(textTokens), isPrefix: false };
  }
  // The text may go on where the term ends: then its last character is part of a further pair.
  const tokens = runs.flatMap(textTokens);
  const isPrefix = [...last].length === 1;
  return { tokens: isPrefix ? tokens : tokens.slice(0, -1), isPrefix };
}

/** Whether a text contains a term, by the same rules: what a search in a database must find. */
export function containsTerm(text: string, term: string): boolean {
  const { tokens, isPrefix } = termTokens(term);
  if (tokens.length === 0) return false;
  const stored = textTokens(text);
  return stored.some((_, start) =>
    tokens.every((token, at) => {
      const candidate = stored[start + at];
      return isPrefix && at === tokens.length - 1
        ? candidate?.startsWith(token) === true
        : candidate === token;
    })
  );
}

/** The token that every message of an author has, by the name under which it was sent. */
export function authorToken(name: string): string {
  return `f${
    Array.from(name.toLowerCase(), (character) => character.charCodeAt(0).toString(RADIX)).join("")
  }`;
}

/** Runs of letters and digits in the form in which they are compared. */
function runsOf(text: string): readonly string[] {
  if (IS_ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const folded = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toUpperCase().toLowerCase()
    .normalize("NFKC");
  return folded.match(RUNS) ?? [];
}

function wordToken(word: string): string {
  // Two letters before the word: one of a single letter has three, the least that InnoDB keeps.
  if (/^[a-z0-9]+$/.test(word)) return `aa${word.slice(0, MOST_ASCII)}`;
  return otherToken(word);
}

function otherToken(characters: Iterable<string>): string {
  let token = "u";
  let count = 0;
  for (const character of characters) {
    for (const one of character) {
      if (count++ === MOST_OTHER) return token;
      token += (one.codePointAt(0) ?? 0).toString(RADIX).padStart(UNITS_A_CODE_POINT, "0");
    }
  }
  return token;
}
