// The write-ahead log of an SQLite file, as far as it must reach the disk. SQLite would wait for the
// disk on the event loop; here a thread of the runtime's does, and everybody else goes on.

import { SqlError } from "./sql.ts";

/** To be asked after each commit, before anybody is told of it. */
export class WriteAheadLog {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  #failure: SqlError | undefined;

  /** @param path the database's; its log exists from the first commit on */
  constructor(path: string) {
    this.#path = `${path}-wal`;
  }

  /**
   * Whether what is committed from here on can be made to last. A system that once failed to write a
   * page forgets it, and says nothing the next time: only a new start reads what is really there.
   *
   * @throws {SqlError} lost
   */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all that is committed is on the disk. @throws {SqlError} unknown */
  async sync(): Promise<void> {
    try {
      this.#file ??= Deno.openSync(this.#path, { read: true, write: true });
      await this.#file.syncData();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `SQLite: the log could not be synced (${why}); start the server again`;
      this.#failure = new SqlError("lost", message, 0);
      throw new SqlError("unknown", message, 0);
    }
  }

  /** Closing it drops none of SQLite's locks: those are on the other two files. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
