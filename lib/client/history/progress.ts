// The progress of a long task, on one row of a terminal that is rewritten. Knows neither the task nor
// whether the output is a terminal.

import type { SleepClock } from "../../time.ts";
import type { Output } from "../output/plain_and_json_views.ts";

/** A shorter task shows nothing. */
const FIRST_MS = 1_000;
const EVERY_MS = 200;

/** A row on stderr; `end` removes it. */
export class Progress {
  readonly #output: Output;
  readonly #clock: SleepClock;
  #nextAt: number;
  #width = 0;

  constructor({ output, clock }: { readonly output: Output; readonly clock: SleepClock }) {
    this.#output = output;
    this.#clock = clock;
    this.#nextAt = clock.monotonic() + FIRST_MS;
  }

  /** Shows `done` of `total`, unless the row was written a moment ago. */
  show(done: number, total: number): void {
    const now = this.#clock.monotonic();
    if (now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    const text = `${done} of ${total} messages (${Math.floor(100 * done / total)} %)`;
    this.#output.stderr(`\r${text.padEnd(this.#width)}`);
    this.#width = text.length;
  }

  /** Leaves an empty row, with the cursor at its beginning. */
  end(): void {
    if (this.#width > 0) this.#output.stderr(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }
}
