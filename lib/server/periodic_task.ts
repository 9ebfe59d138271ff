// Work that comes round by itself. One round at a time: a slow one is not overtaken by the next.

export interface PeriodicTaskOptions {
  readonly everyMs: number;
  /** Told of the first failure, and of the next one only after a round that went well. */
  readonly onError: (error: unknown) => void;
}

/** Calls `work` every so often until it is stopped. */
export class PeriodicTask {
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Promise<void> | undefined;
  #isFailing = false;

  constructor(work: () => void | Promise<void>, { everyMs, onError }: PeriodicTaskOptions) {
    this.#timer = setInterval(() => {
      this.#running ??= (async () => {
        try {
          await work();
          this.#isFailing = false;
        } catch (error) {
          if (!this.#isFailing) onError(error);
          this.#isFailing = true;
        } finally {
          this.#running = undefined;
        }
      })();
    }, everyMs);
  }

  /** Resolves when no round is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
