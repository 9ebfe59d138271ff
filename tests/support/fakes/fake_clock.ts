// A clock that stands still until a test moves it.

import type { SleepClock } from "../../../lib/time.ts";

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Time as the test tells it; both faces of it begin at a million. */
export class FakeClock implements SleepClock {
  #now = 1_000_000;
  #sleepers: Sleeper[] = [];
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: number[] = [];

  monotonic(): number {
    return this.#now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** Moves time on, waking whoever is due in the order in which they are. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#sleepers.filter(({ until }) => until <= end)
        .sort((a, b) => a.until - b.until);
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.until);
      next.wake();
      await settle();
    }
    this.#now = end;
  }
}
