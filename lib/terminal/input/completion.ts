// What Tab makes of a draft: the beginning on which all candidates agree, or one word after the other in
// place of the word before the cursor. Pure.

import type { Draft } from "./draft.ts";

/** The words that Tab tries. */
export interface TriedWords {
  /** The next ones. */
  readonly rest: readonly string[];
  /** How many units before the cursor the next one takes the place of. */
  readonly length: number;
}

export const NO_WORDS: TriedWords = { rest: [], length: 0 };

/** The beginning that all candidates have; empty without one. */
export function commonBeginning([first = "", ...others]: readonly string[]): string {
  let common = first;
  for (const other of others) while (!other.startsWith(common)) common = common.slice(0, -1);
  return common;
}

/** How many units the word before the cursor has. */
export function lengthOfWordBefore({ units, cursor }: Draft): number {
  let at = cursor;
  for (; at > 0; at--) {
    const unit = units[at - 1];
    if (typeof unit !== "string" || /^\s/.test(unit)) break;
  }
  return cursor - at;
}

/** The draft with the next word in place of the last one, which comes again at the end; undefined without one. */
export function withNextWord(
  draft: Draft,
  { rest: [word, ...others], length }: TriedWords,
): { readonly draft: Draft; readonly words: TriedWords } | undefined {
  if (word === undefined) return undefined;
  const { cursor } = draft;
  const next = draft.without(cursor - length, cursor).insertText(word);
  return { draft: next, words: { rest: [...others, word], length: next.cursor - cursor + length } };
}
