// Observes the server from a thread of its own, so that the load of the run itself is not measured
// as the server's slowness. The first message to the thread starts it, the second ends it.

/** The thread's messages: ready, its report, or an error. */
type ThreadMessage<Report> =
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
    const observer = new ObserverThread<Report>(thread, beginning);
    try {
      await observer.#begun.promise;
      return observer;
    } catch (error) {
      observer[Symbol.dispose]();
      throw error;
    }
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

/** The thread's own side; the library's types know only a page's. */
interface Thread {
  postMessage(message: ThreadMessage<unknown>): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** Called once on the thread: `begin` starts to observe, and returns what ends it with a report. */
export function observe<Beginning, Report>(
  begin: (beginning: Beginning) => Promise<() => Promise<Report>>,
): void {
  const thread = globalThis as unknown as Thread;
  let conclude: (() => Promise<Report>) | undefined;
  const answer = async (data: Beginning | "conclude"): Promise<ThreadMessage<Report>> => {
    if (data === "conclude") {
      if (conclude === undefined) throw new Error("Nothing is observed");
      return { report: await conclude() };
    }
    conclude = await begin(data);
    return { begun: true };
  };
  thread.addEventListener("message", ({ data }) => {
    answer(data).catch((error) => ({ error: String(error) }))
      .then((message) => thread.postMessage(message));
  });
}
