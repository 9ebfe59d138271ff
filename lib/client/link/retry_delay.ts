// How long to wait before a request is tried again that the server refuses for now. The server's
// `after_ms` is honoured, but bounded; the client's own minimum grows with every refusal, so that no
// server can make it ask in a hot loop. Knows neither clock nor connection.

/** The wait when the server does not say how long. */
const AGAIN_MS = 1_000;
/** The client's own minimum: this, doubled with every refusal in a row, up to the most. */
const STEP_MS = 50;
const MOST_MS = 30_000;
/** No `after_ms` of a request is longer than this for us. */
const LONGEST_HINT_MS = 3_600_000;

/** The waits between the tries of one request. */
export class RetryDelay {
  readonly #random: () => number;
  #refusals = 0;

  /** `random` gives numbers from 0 (included) to 1 (excluded). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * The next wait in milliseconds: exactly what the server has asked for, unless that is less than
   * the client's own minimum.
   */
  next(afterMs = AGAIN_MS): number {
    return Math.max(this.#own(), boundHint(afterMs, LONGEST_HINT_MS));
  }

  /**
   * The next wait when many clients wait for the same: the server's time and a random one on top, so that
   * they do not all return at the same moment.
   */
  nextSpread(afterMs?: number): number {
    return this.#own() + boundHint(afterMs, LONGEST_HINT_MS);
  }

  /** The request was answered: the next wait is a first one again. */
  reset(): void {
    this.#refusals = 0;
  }

  #own(): number {
    const most = Math.min(MOST_MS, STEP_MS * 2 ** ++this.#refusals);
    return Math.floor(most * (0.5 + this.#random() / 2));
  }
}

/** A server's `after_ms` as milliseconds from 0 to `most`, whatever the server has sent. */
export function boundHint(afterMs: number | undefined, most: number): number {
  return afterMs !== undefined && afterMs > 0 ? Math.min(afterMs, most) : 0;
}
