// The thread that copies SQLite's log costs more to start than most tests take, and few of them write a log
// that is long enough to be copied: for the databases of those it starts with its first copy. Tests of
// the driver, and the programs, start it with the database.

interface Command {
  readonly command: "open" | "copy" | "close";
  readonly path: string;
}

const paths = new Set<string>();

/** The thread of this database, when it is opened from now on, starts with the first copy. */
export function startThreadLate(path: string): void {
  if (paths.size === 0) globalThis.Worker = withLateThreads(Worker);
  paths.add(path);
}

function withLateThreads(real: typeof Worker): typeof Worker {
  return new Proxy(real, {
    construct(target, [address, options]: ConstructorParameters<typeof Worker>): object {
      const start = () => new target(address, options);
      return options?.name === "checkpointer" ? new LateThread(start) : start();
    },
  });
}

/** What the checkpointer uses of a `Worker`. */
class LateThread {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly #start: () => Worker;
  #worker: Worker | undefined;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  postMessage(message: Command): void {
    const { command, path } = message;
    if (this.#worker === undefined && command !== "copy" && paths.has(path)) {
      queueMicrotask(() => this.onmessage?.(new MessageEvent("message", { data: {} })));
      return;
    }
    this.#worker ??= this.#started();
    this.#worker.postMessage(message);
  }

  terminate(): void {
    this.#worker?.terminate();
  }

  #started(): Worker {
    const worker = this.#start();
    worker.onmessage = (event) => this.onmessage?.(event);
    worker.onerror = (event) => this.onerror?.(event);
    return worker;
  }
}
