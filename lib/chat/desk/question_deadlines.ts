// When the questions of this server's store expire, by the monotonic clock: a wall clock that jumps closes
// none too early and none too late. The wall clock counts once, when a question is first noticed. Knows no
// store.

import type { Clock } from "../../time.ts";

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

  /** Forgets all questions but these, which are open. */
  keepOnly(open: ReadonlySet<number>): void {
    for (const inquiry of this.#deadlines.keys()) {
      if (!open.has(inquiry)) this.#deadlines.delete(inquiry);
    }
  }
}
