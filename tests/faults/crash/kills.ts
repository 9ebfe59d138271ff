// The plan of kills: half of them at random times, half at critical moments. The same seed gives
// the same plan.

import type { Random } from "../../support/random.ts";

/** What is killed. */
export type Victim = "server" | "database" | "both";

export type Moment =
  /** This long after the server was ready. */
  | { readonly at: "time"; readonly afterMs: number }
  /** In the turn in which the n-th acknowledgement since it was ready arrives. */
  | { readonly at: "ack"; readonly nth: number }
  /** In the turn in which the n-th reader since it was ready gets its missed events. */
  | { readonly at: "resume"; readonly nth: number }
  /** While it starts: after this share of the time that the last start took. */
  | { readonly at: "start"; readonly share: number };

export type Kill = Moment & { readonly victim: Victim };

const CHANCE_MS = [20, 200] as const;
const ACKS = [1, 2_500] as const;
const RESUMES = [1, 4] as const;

/** @param options.victims among which chance chooses */
export function planKills(
  count: number,
  { random, victims }: { random: Random; victims: readonly Victim[] },
): readonly Kill[] {
  return Array.from({ length: count }, (_, n): Kill => ({
    ...chooseMoment(n, random),
    victim: random.pick(victims),
  }));
}

/** Of every four kills two come by chance, one at an acknowledgement, one at a start or a resume. */
function chooseMoment(n: number, random: Random): Moment {
  switch (n % 4) {
    case 1:
      return { at: "ack", nth: random.integer(...ACKS) };
    case 3:
      return n % 8 === 3
        ? { at: "start", share: random.fraction() }
        : { at: "resume", nth: random.integer(...RESUMES) };
    default:
      return { at: "time", afterMs: random.integer(...CHANCE_MS) };
  }
}
