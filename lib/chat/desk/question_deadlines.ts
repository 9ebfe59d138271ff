// When the questions of this server's store expire, by the monotonic clock: a wall clock that jumps closes
// none too early and none too late. The wall clock counts once, when a question is first noticed. Knows no
// store.

import type { Clock } from "../../time.ts";

/** Longer than a store takes to close a question whose time is over. */
const KEPT_MS = 3_600_000;

export class QuestionDeadlines {
  readonly #clock: Clock;
  /** Monotonic milliseconds, by inquiry. */
  readonly #deadlines = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notices a question, unless it was noticed before; `expires` is UTC milliseconds. */
  note(inquiry: number, expires: number): void {
    if (this.#deadlines.has(inquiry)) return;
    const left = Math.max(0, expires - this.#clock.now());
    this.#deadlines.set(inquiry, this.#clock.monotonic() + left);
  }

  /** Whether a question's time is over. */
  isOver(inquiry: number): boolean {
    const deadline = this.#deadlines.get(inquiry);
    return deadline !== undefined && this.#clock.monotonic() >= deadline;
  }

  /** Whether the time of one of them is over. */
  get hasOver(): boolean {
    return this.over().length > 0;
  }

  /** Those whose time is over. */
  over(): readonly number[] {
    return [...this.#deadlines.keys()].filter((inquiry) => this.isOver(inquiry));
  }

  /** A question is closed. */
  forget(inquiry: number): void {
    this.#deadlines.delete(inquiry);
  }

  /** Forgets the questions that were closed elsewhere: their time has been over for long. */
  forgetPast(): void {
    const before = this.#clock.monotonic() - KEPT_MS;
    for (const [inquiry, deadline] of this.#deadlines) {
      if (deadline < before) this.#deadlines.delete(inquiry);
    }
  }
}
