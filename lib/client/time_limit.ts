// How long a command waits without getting on. Aborts a signal when the time has passed, or when the
// person wants to stop; progress begins the time again. Knows no connection.

import type { SleepClock } from "../time.ts";
import type { Failure } from "./exit.ts";

/** The clock is looked at so often: it takes a longer gap for a process that was stopped. */
const LOOK_MS = 10_000;

export interface TimeLimitOptions {
  /** Without it there is no limit. */
  readonly ms: number | undefined;
  readonly clock: SleepClock;
  /** Aborts when the person wants to stop. */
  readonly parent: AbortSignal;
  /** What to end with when the time has passed. */
  readonly failure: () => Failure;
}

/** The time in which a command must get on; dispose it when the command is over. */
export class TimeLimit implements Disposable {
  readonly #options: TimeLimitOptions;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #interrupted = (): void => this.#stop.abort(this.#options.parent.reason);
  #deadline: number;

  constructor(options: TimeLimitOptions) {
    const { ms, clock, parent } = options;
    this.#options = options;
    this.#deadline = clock.monotonic() + (ms ?? Infinity);
    parent.addEventListener("abort", this.#interrupted);
    if (parent.aborted) this.#interrupted();
    if (ms !== undefined) void this.#watch();
  }

  /** Aborts when the time has passed or the person wants to stop; its reason is the failure. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Milliseconds until the time has passed. */
  get remainingMs(): number {
    return this.#deadline - this.#options.clock.monotonic();
  }

  /** The command got on: the time begins again. */
  noteProgress(): void {
    const { ms, clock } = this.#options;
    this.#deadline = clock.monotonic() + (ms ?? Infinity);
  }

  /**
   * Waits for what is not the server's to do: that time does not count.
   * @throws the signal's reason, when it aborts meanwhile
   */
  async passOver(work: Promise<void> | undefined): Promise<void> {
    if (work === undefined) return;
    const { signal } = this;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    this.#deadline = Infinity;
    try {
      await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
      this.noteProgress();
    }
  }

  [Symbol.dispose](): void {
    this.#options.parent.removeEventListener("abort", this.#interrupted);
    this.#over.abort();
  }

  async #watch(): Promise<void> {
    const { clock, failure } = this.#options;
    while (!this.#over.signal.aborted && !this.#stop.signal.aborted) {
      const { remainingMs } = this;
      if (remainingMs <= 0) return this.#stop.abort(failure());
      await clock.sleep(Math.min(remainingMs, LOOK_MS), this.#over.signal);
    }
  }
}
