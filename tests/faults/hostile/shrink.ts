// Shrinks an input that breaks something while it still does, by leaving out halves, quarters and
// so on. Knows nothing about the breakage.

import { concat } from "./case.ts";

/** How many inputs are tried at most. */
const MOST_TRIES = 200;

/**
 * The smallest input found for which `breaks` still says so; `bytes` must be one.
 * @param breaks is asked one input at a time
 */
export async function shrink(
  bytes: Uint8Array,
  breaks: (bytes: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let smallest = bytes;
  let tries = 0;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && tries < MOST_TRIES;) {
      const less = concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      tries++;
      // The following bytes have moved here: try the same position again.
      if (less.length > 0 && await breaks(less)) smallest = less;
      else at += size;
    }
  }
  return smallest;
}
