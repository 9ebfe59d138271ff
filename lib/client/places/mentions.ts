// Whether a text names a person. Pure. The server counts a name with an `@` only (protocol §6.2); a
// person is called by the bare name, too.

const WORD_PART = /[\p{L}\p{N}_-]/u;

/** Whether the name stands in the text as a word of its own, in any case, with or without an `@`. */
export function mentions(text: string, name: string): boolean {
  if (name === "") return false;
  const wanted = name.toLowerCase();
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const isBegun = WORD_PART.test(lower[at - 1] ?? " ");
    const isContinued = WORD_PART.test(lower[at + wanted.length] ?? " ");
    if (!isBegun && !isContinued) return true;
  }
  return false;
}
