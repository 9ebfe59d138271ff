// The rate of requests for pages: as fast as the server answers, and after a refusal no faster than
// the server has allowed. The server counts every refusal, so that a client with too many of them
// would be disconnected in the middle of a long history. Pure; time is a parameter.

/** After this time without a refusal a faster rate is tried: at most 30 refusals a minute. */
const STEADY_MS = 2_000;
/** Intervals below this count as no wait. */
const LEAST_MS = 5;

/** The rate of one reader of pages. All times are monotonic milliseconds. */
export class PageRate {
  #intervalMs = 0;
  #lastAt = -Infinity;
  #steadySince = -Infinity;

  /** How long to wait before the next request. */
  waitMs(now: number): number {
    return Math.max(0, this.#lastAt + this.#intervalMs - now);
  }

  /** The page requested at `askedAt` has arrived. */
  allowed(requestedAt: number): void {
    this.#lastAt = requestedAt;
    if (requestedAt - this.#steadySince < STEADY_MS) return;
    this.#steadySince = requestedAt;
    this.#intervalMs = this.#intervalMs < LEAST_MS ? 0 : this.#intervalMs / 2;
  }

  /** A request was refused, and is allowed again at `againAt`. */
  refused(againAt: number): void {
    this.#steadySince = againAt;
    if (this.#lastAt === -Infinity) return;
    this.#intervalMs = Math.max(this.#intervalMs, againAt - this.#lastAt);
  }
}
