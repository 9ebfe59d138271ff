// Work that is repeated. One run at a time: while one takes longer, the next is skipped.

interface PeriodicTaskOptions {
  readonly everyMs: number;
  /** Whether the first run is at once, and not after `everyMs`. */
  readonly startsAtOnce?: boolean;
  /** Called for the first failure, and again only after a run without one. */
  readonly onError: (error: unknown) => void;
}

/** Calls `work` every `everyMs` milliseconds until it is stopped. */
export class PeriodicTask {
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Promise<void> | undefined;
  #isFailing = false;

  constructor(work: () => void | Promise<void>, options: PeriodicTaskOptions) {
    const { everyMs, onError, startsAtOnce = false } = options;
    const run = () => {
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
    };
    this.#timer = setInterval(run, everyMs);
    if (startsAtOnce) run();
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
