// Copies the log of an SQLite database into its file, in a thread of its own. SQLite syncs both files,
// through its own descriptors: other code that opens and closes a descriptor of the database would drop
// every lock of the process on it (https://sqlite.org/howtocorrupt.html, 2.2).

import source from "./checkpoint_worker.js" with { type: "text" };
import { SqlError } from "../sql.ts";
import { sqlErrorOfCode } from "./connection.ts";

/** How far a copy came, in pages. */
interface CopiedLog {
  /** The log's length. */
  readonly length: number;
  /** How much of it is in the file and on the disk. */
  readonly copied: number;
}

/** What the thread answers, once for each command and in their order. */
interface CheckpointReply {
  readonly log?: number;
  readonly checkpointed?: number;
  readonly fault?: { readonly errcode: number; readonly errstr: string };
}

/** A bundle has no file to start a thread from, so the thread's text travels with the program. */
const ADDRESS = `data:text/javascript,${encodeURIComponent(source)}`;

export class Checkpointer implements AsyncDisposable {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<CheckpointReply>[] = [];
  #failure: SqlError | undefined;

  /**
   * Starts the thread and lets it open the database, without waiting for it. Not later: where there
   * is no descriptor left, starting a thread ends the whole process.
   *
   * @param path of a database that is there
   */
  constructor(path: string) {
    this.#path = path;
    this.#worker = new Worker(ADDRESS, { type: "module", name: "checkpointer" });
    this.#worker.onmessage = ({ data }: MessageEvent<CheckpointReply>) =>
      this.#waiting.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new SqlError("lost", `SQLite: its thread has ended: ${event.message}`, 0);
      for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
    };
    // What fails here fails again when it matters.
    this.#ask("open").catch(() => {});
  }

  /**
   * Copies as much of the log as no reader holds back, while others write. Resolves when the copy is
   * on the disk; until then the copied part of the log is not overwritten.
   *
   * @throws {SqlError}
   */
  async copy(): Promise<CopiedLog> {
    const { log = 0, checkpointed = 0, fault } = await this.#ask("copy");
    if (fault !== undefined) throw sqlErrorOfCode(fault.errcode, fault.errstr);
    return { length: log, copied: checkpointed };
  }

  /** Resolves when its connection is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ask("close").catch(() => {});
    this.#worker.terminate();
  }

  #ask(command: "open" | "copy" | "close"): Promise<CheckpointReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = Promise.withResolvers<CheckpointReply>();
    this.#waiting.push(waiting);
    this.#worker.postMessage({ command, path: this.#path });
    return waiting.promise;
  }
}
