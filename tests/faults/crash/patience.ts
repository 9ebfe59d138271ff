// What people who write and read bear with: refusals that ask to be tried again later.

import type { Frame } from "../support/peer.ts";

/** How many milliseconds later; undefined for an answer that nobody should have been given. */
export function retryAfter(frame: Frame, bears: readonly string[]): number | undefined {
  const { type, code, retry, after_ms: afterMs } = frame;
  const isBorne = type === "error" && bears.includes(code) && retry === true && afterMs > 0;
  return isBorne ? afterMs : undefined;
}
