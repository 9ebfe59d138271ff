// A file of an SQLite database, as far as it must reach the disk. SQLite would wait for the disk on the
// event loop; here a thread of the runtime's does, and everybody else goes on.

import { SqlError } from "./sql.ts";

/** What SQLite writes to a file and we sync. */
export class SyncedFile implements Disposable {
  readonly #path: string;
  /** Open from the beginning: later there may be no descriptor left. */
  readonly #file: Deno.FsFile;
  #failure: SqlError | undefined;

  /** @param path of a file that is there */
  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { read: true, write: true });
  }

  /**
   * Whether what is written from here on can be made to last. A system that once failed to write a
   * page forgets it, and says nothing the next time: only a new start reads what is really there.
   *
   * @throws {SqlError} lost
   */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all that is written is on the disk. @throws {SqlError} unknown */
  async sync(): Promise<void> {
    try {
      await this.#file.syncData();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message =
        `SQLite: "${this.#path}" could not be synced (${why}); start the server again`;
      this.#failure = new SqlError("lost", message, 0);
      throw new SqlError("unknown", message, 0);
    }
  }

  /** To be called when no connection is left: it drops SQLite's locks. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
