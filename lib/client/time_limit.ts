// Limits how long a command waits without progress. It aborts a signal when the time has passed, or when
// the person interrupts; progress starts the time again. Knows no connection.

import { abortable } from "@std/async/abortable";
import type { SleepClock } from "../time.ts";
import { Failure } from "./exit.ts";

/** The clock is looked at so often: it takes a longer gap for a process that was stopped. */
const LOOK_MS = 10_000;

interface TimeLimitOptions {
  /** Without it there is no limit. */
  readonly ms: number | undefined;
  readonly clock: SleepClock;
  /** Aborts when the person interrupts. */
  readonly parent: AbortSignal;
  /** The failure when the time has passed. */
  readonly failure: () => Failure;
}

/** The time within which a command must make progress; dispose it when the command is over. */
export class TimeLimit implements Disposable {
  readonly #options: TimeLimitOptions;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #interrupted = (): void => this.#stop.abort(this.#options.parent.reason);
  #deadline: number;
  /** Why the server has refused for now, since the last progress. */
  #refusal: string | undefined;

  constructor(options: TimeLimitOptions) {
    const { ms, clock, parent } = options;
    this.#options = options;
    this.#deadline = clock.monotonic() + (ms ?? Infinity);
    parent.addEventListener("abort", this.#interrupted);
    if (parent.aborted) this.#interrupted();
    if (ms !== undefined) void this.#watch();
  }

  /** Aborts when the time has passed or the person interrupts; its reason is the failure. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Milliseconds until the time has passed. */
  get remainingMs(): number {
    return this.#deadline - this.#options.clock.monotonic();
  }

  /** The command made progress: the time starts again. */
  noteProgress(): void {
    const { ms, clock } = this.#options;
    this.#deadline = clock.monotonic() + (ms ?? Infinity);
    this.#refusal = undefined;
  }

  /** The server refuses for now, and is tried again: if that lasts until the time has passed, it is why. */
  noteRefusal(message: string): void {
    this.#refusal = message;
  }

  /**
   * Waits for work that is not the server's: that time does not count.
   * @throws the signal's reason, when it aborts meanwhile
   */
  async pauseDuring(work: Promise<void> | undefined): Promise<void> {
    if (work === undefined) return;
    this.#deadline = Infinity;
    try {
      await abortable(work, this.signal);
    } finally {
      this.noteProgress();
    }
  }

  [Symbol.dispose](): void {
    this.#options.parent.removeEventListener("abort", this.#interrupted);
    this.#over.abort();
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#over.signal.aborted && !this.#stop.signal.aborted) {
      const { remainingMs } = this;
      if (remainingMs <= 0) return this.#stop.abort(this.#failure());
      await clock.sleep(Math.min(remainingMs, LOOK_MS), this.#over.signal);
    }
  }

  #failure(): Failure {
    const refusal = this.#refusal;
    return refusal === undefined ? this.#options.failure() : new Failure("tryAgain", refusal);
  }
}
