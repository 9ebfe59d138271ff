// When a server is to be killed: half of the kills come by chance, half are aimed at a moment that
// matters. The same seed makes the same plan.

import type { Random } from "../support/random.ts";

export type Kill =
  /** So long after the server was ready. */
  | { readonly at: "time"; readonly afterMs: number }
  /** In the turn in which the n-th acknowledgement since it was ready arrives. */
  | { readonly at: "ack"; readonly nth: number }
  /** While it starts: after this share of the time that the last start took. */
  | { readonly at: "start"; readonly share: number };

const CHANCE_MS = [20, 200] as const;
const ACKS = [1, 400] as const;

export function planKills(count: number, random: Random): readonly Kill[] {
  return Array.from({ length: count }, (_, n): Kill => {
    // Of every four kills two come by chance, one waits for an acknowledgement, one for a start.
    switch (n % 4) {
      case 1:
        return { at: "ack", nth: random.integer(...ACKS) };
      case 3:
        return { at: "start", share: random.next() };
      default:
        return { at: "time", afterMs: random.integer(...CHANCE_MS) };
    }
  });
}
