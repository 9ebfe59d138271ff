// Refusals after which writers and readers try again.

import type { Frame } from "../../support/clients/peer.ts";

/** The wait in milliseconds; undefined for an unexpected answer. */
export function retryAfter(frame: Frame, bears: readonly string[]): number | undefined {
  const { type, code, retry, after_ms: afterMs } = frame;
  const isBorne = type === "error" && bears.includes(code) && retry === true && afterMs > 0;
  return isBorne ? afterMs : undefined;
}
