// Applies a seeded bug to the text of a program. Knows no files.

import type { Patch } from "./seeded_bug.ts";

/** The program has changed at the place of a seeded bug. */
export class MisfitError extends Error {
  override readonly name = "MisfitError";
}

/** The text with the bug in it. @throws {MisfitError} unless there is exactly one place for it */
export function applyPatch(text: string, { file, search, replace }: Patch): string {
  const parts = text.split(search);
  const [before, behind] = parts;
  if (before === undefined || behind === undefined || parts.length > 2) {
    throw misfit(file, `${parts.length - 1} places, not 1, have ${JSON.stringify(search)}`);
  }
  if (search === replace) throw misfit(file, "the patch changes nothing");
  return before + replace + behind;
}

function misfit(file: string, why: string): MisfitError {
  return new MisfitError(`The seeded bug no longer fits: ${file}: ${why}`);
}
