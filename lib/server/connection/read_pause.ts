// Whether a peer is being read. While it is not, its silence is the server's doing.

import type { Clock } from "../../time.ts";

export class ReadPause {
  readonly #clock: Clock;
  #isOn = true;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** Until when silence does not count, monotonic milliseconds: the present while nothing is read. */
  get since(): number {
    return this.#isOn ? this.#since : this.#clock.monotonic();
  }

  /** Resolves with `wait`; nothing is read until then. */
  async during(wait: Promise<void>): Promise<void> {
    this.#isOn = false;
    await wait;
    this.#isOn = true;
    this.#since = this.#clock.monotonic();
  }
}
