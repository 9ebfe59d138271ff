// One who watches the server from a thread of its own: what the run does meanwhile, which may be a
// lot, cannot be taken for the server's slowness. The thread is begun by its first message and
// concluded by its second.

/** What the thread says: that it watches, what it saw, or what went wrong. */
export type Said<Report> =
  | { readonly begun: true }
  | { readonly report: Report }
  | { readonly error: string };

export class Watcher<Report> implements Disposable {
  readonly #worker: Worker;
  readonly #begun = Promise.withResolvers<void>();
  readonly #report = Promise.withResolvers<Report>();

  private constructor(thread: URL, beginning: unknown) {
    this.#worker = new Worker(thread, { type: "module" });
    // What goes wrong is told where it is waited for.
    this.#begun.promise.catch(() => {});
    this.#report.promise.catch(() => {});
    this.#worker.addEventListener("message", ({ data }) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#hear({ error: event.message });
    });
    this.#worker.postMessage(beginning);
  }

  /** Resolves when it watches. `beginning` is what the thread is told first. */
  static async begin<Report>(thread: URL, beginning: unknown): Promise<Watcher<Report>> {
    const watcher = new Watcher<Report>(thread, beginning);
    await watcher.#begun.promise;
    return watcher;
  }

  /** Ends when all that was begun has been seen. @throws when anything went wrong */
  async conclude(): Promise<Report> {
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

  #hear(said: Said<Report>): void {
    if ("begun" in said) return this.#begun.resolve();
    if ("report" in said) return this.#report.resolve(said.report);
    const error = new Error(said.error);
    this.#begun.reject(error);
    this.#report.reject(error);
  }
}
