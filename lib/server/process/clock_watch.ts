// Compares the wall clock with the monotonic one. After a jump of the wall clock no data is deleted because
// of its age: the clock may jump back in a moment.

import type { Clock } from "../../time.ts";

/**
 * The most that the two may drift apart between two checks: leap seconds, corrections, a short
 * sleep.
 */
const MAX_DRIFT_MS = 600_000;

export class ClockJumpDetector {
  readonly #clock: Clock;
  #aheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadMs = clock.now() - clock.monotonic();
  }

  /** Whether the wall clock has not jumped since the last call, or since the start. */
  isSteady(): boolean {
    const aheadMs = this.#clock.now() - this.#clock.monotonic();
    const movedMs = Math.abs(aheadMs - this.#aheadMs);
    this.#aheadMs = aheadMs;
    return movedMs <= MAX_DRIFT_MS;
  }
}
