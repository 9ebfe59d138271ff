// How fast pages are asked for: as fast as the server answers, and once it has refused one, no faster
// than it has shown to allow. Every refusal counts against a connection, so that a client that runs
// into each of them would be ended in the middle of a long history. Pure; time is handed in.

/** After so long without a refusal a faster pace is tried: at most 30 refusals a minute. */
const STEADY_MS = 2_000;
/** A pace faster than this is none. */
const LEAST_MS = 5;

/** The pace of one reader of pages. All times are monotonic milliseconds. */
export class PagePace {
  #intervalMs = 0;
  #lastAt = -Infinity;
  #steadySince = -Infinity;

  /** How long to wait before the next page is asked for. */
  waitMs(now: number): number {
    return Math.max(0, this.#lastAt + this.#intervalMs - now);
  }

  /** A page that was asked for at `askedAt` has come. */
  allowed(requestedAt: number): void {
    this.#lastAt = requestedAt;
    if (requestedAt - this.#steadySince < STEADY_MS) return;
    this.#steadySince = requestedAt;
    this.#intervalMs = this.#intervalMs < LEAST_MS ? 0 : this.#intervalMs / 2;
  }

  /** A page was refused, and will be allowed at `againAt`. */
  refused(againAt: number): void {
    this.#steadySince = againAt;
    if (this.#lastAt === -Infinity) return;
    this.#intervalMs = Math.max(this.#intervalMs, againAt - this.#lastAt);
  }
}
