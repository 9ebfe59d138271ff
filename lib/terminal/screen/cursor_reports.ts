// Asks the terminal where its cursor is. Knows neither what is drawn nor how keys are read.

import type { DrawingClock } from "../process_terminal.ts";

/** DSR 6 of ECMA-48; the answer is CPR. */
const ASK = "\x1b[6n";
/** How long a terminal may take to answer. */
const ANSWER_MS = 1_000;

/** From 1. */
export interface CursorReport {
  readonly row: number;
  readonly column: number;
}

interface CursorReportsOptions {
  readonly clock: DrawingClock;
  readonly write: (text: string) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

export class CursorReports {
  readonly #options: CursorReportsOptions;
  #resolve: (report: CursorReport | undefined) => void = () => {};

  constructor(options: CursorReportsOptions) {
    this.#options = options;
  }

  /** Takes what the terminal has answered. */
  report(report: CursorReport): void {
    this.#resolve(report);
  }

  /** Where the cursor is; undefined when the terminal does not answer in time. */
  async ask(): Promise<CursorReport | undefined> {
    const { clock, write, signal } = this.#options;
    const { promise, resolve } = Promise.withResolvers<CursorReport | undefined>();
    const answered = new AbortController();
    this.#resolve = resolve;
    write(ASK);
    clock.sleep(ANSWER_MS, AbortSignal.any([answered.signal, signal]))
      .then(() => resolve(undefined));
    const report = await promise;
    answered.abort();
    return report;
  }
}
