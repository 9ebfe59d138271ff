// A token bucket: how much may happen at once and in the long run. Knows no timer: the time is given
// with each call, monotonic milliseconds.

interface TokenBucketOptions {
  /** The most tokens, and those at first. */
  readonly burst: number;
  /** How fast it fills. */
  readonly perSecond: number;
}

/** When the bucket will be full is its whole state. */
export class TokenBucket {
  readonly #burst: number;
  readonly #msPerToken: number;
  #fullAt = 0;

  constructor({ burst, perSecond }: TokenBucketOptions) {
    this.#burst = burst;
    this.#msPerToken = 1000 / perSecond;
  }

  /** Milliseconds until `tokens` may be taken: 0 is now. More than the burst waits for a full bucket. */
  waitFor(tokens: number, now: number): number {
    const spare = this.#burst - Math.min(tokens, this.#burst);
    return Math.max(0, Math.ceil(this.#fullAt - now - spare * this.#msPerToken));
  }

  /** Takes tokens, also more than there are: later takers wait longer. */
  take(tokens: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + tokens * this.#msPerToken;
  }

  /** Takes one token if there is one; whether it did. */
  tryTake(now: number): boolean {
    if (this.waitFor(1, now) > 0) return false;
    this.take(1, now);
    return true;
  }

  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}
