// How long to wait before the next attempt to connect. Full jitter, so that the clients of a restarted
// server do not reconnect at the same time. Knows neither clock nor connection.

import { boundHint } from "./retry_delay.ts";

const FIRST_MS = 1_000;
const STEP_MS = 500;
const MOST_MS = 30_000;

/** The waits between tries: the first within a second, later ones ever wider, up to 30 s. */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  /** `random` gives numbers from 0 (included) to 1 (excluded). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * The next wait in milliseconds: random(0, 1 s) at first, then random(0, min(30 s, 0.5 s × 2ⁿ)).
   * A server's `after_ms` can only make it longer, up to 30 s: a server that always sends 0 causes no
   * hot loop.
   */
  next(afterMs?: number): number {
    const tries = this.#tries++;
    const span = tries === 0 ? FIRST_MS : Math.min(MOST_MS, STEP_MS * 2 ** tries);
    return Math.max(Math.floor(this.#random() * span), boundHint(afterMs, MOST_MS));
  }

  /** The connection held: the next wait is a first one again. */
  reset(): void {
    this.#tries = 0;
  }
}
