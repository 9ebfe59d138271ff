// A monotonic clock that counts only the time in which this process ran. While it is stopped (a paused
// container, SIGSTOP, a laptop that sleeps) nothing can be read, so nobody's silence may count.

export interface RunningClockOptions {
  /** Milliseconds of a clock that never jumps, and goes on while the process is stopped. */
  readonly monotonic: () => number;
  /** So long may lie between two looks at the clock of a process that runs; a longer gap is cut to this. */
  readonly usualGapMs: number;
}

/** Must be looked at more often than the usual gap: the owner of the deadlines does that in its rounds. */
export class RunningClock {
  readonly #options: RunningClockOptions;
  #lookedAt: number;
  /** How much of the time the process did not run. */
  #stoppedMs = 0;

  constructor(options: RunningClockOptions) {
    this.#options = options;
    this.#lookedAt = options.monotonic();
  }

  /** Milliseconds; never jumps, not even over a time in which the process was stopped. */
  now(): number {
    const { monotonic, usualGapMs } = this.#options;
    const now = monotonic();
    const gap = now - this.#lookedAt;
    if (gap > usualGapMs) this.#stoppedMs += gap - usualGapMs;
    this.#lookedAt = now;
    return now - this.#stoppedMs;
  }
}
