// Timers that a test moves on, with or without a time in which the process is stopped.

import type { Timers } from "../../../lib/time.ts";
import { settle } from "./fake_clock.ts";

interface Started {
  readonly at: number;
  readonly work: () => void;
}

export class FakeTimers implements Timers {
  #now = 0;
  readonly #started = new Set<Started>();

  /** How many timers have been started and have not fired. */
  get count(): number {
    return this.#started.size;
  }

  monotonic(): number {
    return this.#now;
  }

  start(work: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, work };
    this.#started.add(timer);
    return () => void this.#started.delete(timer);
  }

  /** Moves time on at once: what is due fires after it, as when a process was stopped. */
  jump(ms: number): void {
    this.#now += ms;
    const due = [...this.#started].filter(({ at }) => at <= this.#now);
    for (const timer of due) this.#started.delete(timer);
    for (const { work } of due) work();
  }

  /** Lets time pass: each timer fires when it is due, and what waits for it goes on. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#started].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.jump(Math.max(0, next.at - this.#now));
      await settle();
    }
    this.#now = end;
  }
}
