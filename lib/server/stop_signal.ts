// That something is ending: said once, heard by whoever waits for it. Every connection has one, which
// is why it is not an AbortController: that one weighs ten times as much.

export class StopSignal {
  #isStopRequested = false;
  #waiting: Set<() => void> | undefined;

  get isStopped(): boolean {
    return this.#isStopRequested;
  }

  /** Begins the end, and does at once what waits for it; more than once is once. */
  stop(): void {
    if (this.#isStopRequested) return;
    this.#isStopRequested = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const work of waiting ?? []) work();
  }

  /** Does `work` when the end begins; never when it has begun already. */
  onStop(work: () => void): void {
    if (this.#isStopRequested) return;
    this.#waiting ??= new Set();
    this.#waiting.add(work);
  }

  /** `work` is not to be done any more. */
  forget(work: () => void): void {
    this.#waiting?.delete(work);
  }
}
