// Observes the server from a thread of its own, so that the load of the run itself is not measured
// as the server's slowness. The first message to the thread starts it, the second ends it.

/** The thread's messages: ready, its report, or an error. */
export type ThreadMessage<Report> =
  | { readonly begun: true }
  | { readonly report: Report }
  | { readonly error: string };

export class ObserverThread<Report> implements Disposable {
  readonly #worker: Worker;
  readonly #begun = Promise.withResolvers<void>();
  readonly #report = Promise.withResolvers<Report>();

  private constructor(thread: URL, beginning: unknown) {
    this.#worker = new Worker(thread, { type: "module" });
    // Errors are thrown where the result is awaited.
    this.#begun.promise.catch(() => {});
    this.#report.promise.catch(() => {});
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#receive({ error: event.message });
    });
    this.#worker.postMessage(beginning);
  }

  /** Resolves when it observes. `beginning` is the first message to the thread. */
  static async begin<Report>(thread: URL, beginning: unknown): Promise<ObserverThread<Report>> {
    const watcher = new ObserverThread<Report>(thread, beginning);
    await watcher.#begun.promise;
    return watcher;
  }

  /** Ends when everything in progress is complete. @throws on any failure */
  async finish(): Promise<Report> {
    this.#worker.postMessage("conclude");
    try {
      return await this.#report.promise;
    } finally {
      this.#worker.terminate();
    }
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #receive(posted: ThreadMessage<Report>): void {
    if ("begun" in posted) return this.#begun.resolve();
    if ("report" in posted) return this.#report.resolve(posted.report);
    const error = new Error(posted.error);
    this.#begun.reject(error);
    this.#report.reject(error);
  }
}
