// Promises that wait until a level, such as the bytes in a queue, has fallen. Knows neither the queue
// nor its unit.

interface Waiter {
  readonly below: number;
  readonly resolve: () => void;
}

export class ThresholdWaiters {
  #waiters: Waiter[] = [];

  /** Resolves at the first `update` with a level below this one. */
  whenBelow(below: number): Promise<void> {
    return new Promise((resolve) => this.#waiters.push({ below, resolve }));
  }

  /** Resolves, in their order, all that wait for a higher level than this one. */
  update(level: number): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ below }) => level >= below);
    if (this.#waiters.length === waiters.length) return;
    for (const { below, resolve } of waiters) if (level < below) resolve();
  }
}
