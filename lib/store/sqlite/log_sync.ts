// Syncs the log of an SQLite database. SQLite would wait for the disk on the event loop; here a thread of
// the runtime waits, and everything else continues.
//
// The runtime duplicates the descriptor for that thread and closes the duplicate, and POSIX drops all locks
// of a process on a file of which it closes any descriptor. SQLite has no lock on its log. Its locks are on
// the database and the -shm, so nothing except SQLite may hold a descriptor of these.

import { SqlError } from "../sql.ts";
import { messageOf } from "../../error_message.ts";

/** What SQLite writes to the log and we sync. */
export class SyncedLog implements Disposable {
  readonly #path: string;
  /** Open from the beginning: later there may be no descriptor left. */
  readonly #file: Deno.FsFile;
  #failure: SqlError | undefined;

  /** @param database the path of a database that a connection has open, and so has a log */
  constructor(database: string) {
    this.#path = `${database}-wal`;
    this.#file = Deno.openSync(this.#path, { read: true, write: true });
  }

  /**
   * Throws when what is written from now on may not be durable. A system that once failed to write a
   * page forgets it, and reports nothing the next time: only a new start reads what is really there.
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
      const why = messageOf(error);
      const message =
        `SQLite: "${this.#path}" could not be synced (${why}); start the server again`;
      this.#failure = new SqlError("lost", message, 0, { isPersistent: true });
      throw new SqlError("unknown", message, 0);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
