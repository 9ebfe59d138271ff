// Signals once that something ends. Every connection has one; an AbortController takes ten times as much
// memory.

export class StopSignal {
  #isStopped = false;
  #registered: Set<() => void> | undefined;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Stops, and runs the registered work at once. Only the first call counts. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const registered = this.#registered;
    this.#registered = undefined;
    for (const work of registered ?? []) work();
  }

  /** Runs `work` when this stops; never if it has stopped already. */
  onStop(work: () => void): void {
    if (this.#isStopped) return;
    this.#registered ??= new Set();
    this.#registered.add(work);
  }

  /** Removes registered work. */
  forget(work: () => void): void {
    this.#registered?.delete(work);
  }
}
