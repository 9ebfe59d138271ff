// Whether the wall clock goes at the pace of the monotonic one. What is removed for good because of its
// age is not judged by a clock that has just jumped: it may be back in a moment.

import type { Clock } from "../../time.ts";

/** By how much the two may differ from one look to the next: leap seconds, corrections, a short sleep. */
const MOST_MS = 600_000;

export class ClockWatch {
  readonly #clock: Clock;
  #aheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadMs = clock.now() - clock.monotonic();
  }

  /** Whether the wall clock has not jumped since this was last asked, or since the start. */
  isSteady(): boolean {
    const aheadMs = this.#clock.now() - this.#clock.monotonic();
    const movedMs = Math.abs(aheadMs - this.#aheadMs);
    this.#aheadMs = aheadMs;
    return movedMs <= MOST_MS;
  }
}
