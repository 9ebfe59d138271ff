// The client's time, handed in from outside so that reconnecting and timing out can be tested
// without sleeping.

import { startPatientTimer } from "../patient_timer.ts";
import { RunningClock } from "../running_clock.ts";

export interface Clock {
  /** Milliseconds from an arbitrary start; never jumps, and stands still while the process does. */
  monotonic(): number;
  /** UTC milliseconds of the wall clock: for what people see, never for durations. */
  now(): number;
  /**
   * Resolves after `ms`, at most 2³¹ − 1, or at once when `signal` aborts; leaves no timer behind.
   * Never rejects.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A session looks at the clock every 10 s: with a longer gap the process was stopped. */
const USUAL_GAP_MS = 12_000;
const running = new RunningClock({
  monotonic: () => performance.now(),
  usualGapMs: USUAL_GAP_MS,
});

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonic: () => running.now(),
  now: () => Date.now(),
  sleep(ms, signal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.resolve();
    const done = () => {
      timer.clear();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = startPatientTimer(done, { ms });
    signal?.addEventListener("abort", done);
    return promise;
  },
};
