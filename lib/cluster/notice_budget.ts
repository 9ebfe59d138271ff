// How often something may happen because another server said so: a few times at once, then at a pace.
// What is above it is left to the rounds, in which the store is asked anyway.

export class Budget {
  readonly #most: number;
  readonly #perMs: number;
  readonly #monotonic: () => number;
  #left: number;
  #since: number;

  /** Full at first. `monotonic` gives milliseconds. */
  constructor(
    { most, perSecond }: { most: number; perSecond: number },
    monotonic: () => number,
  ) {
    this.#most = most;
    this.#perMs = perSecond / 1_000;
    this.#monotonic = monotonic;
    this.#left = most;
    this.#since = monotonic();
  }

  /** Whether it may happen now; then it counts. */
  take(): boolean {
    const now = this.#monotonic();
    this.#left = Math.min(this.#most, this.#left + (now - this.#since) * this.#perMs);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
