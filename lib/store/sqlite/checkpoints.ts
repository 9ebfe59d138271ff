// When the log of an SQLite database is copied into its file, so that the log can begin again. SQLite
// would do it within a commit, on the event loop, and wait for the disk there; here another thread
// does it. The order of syncs and copies is SQLite's own (https://sqlite.org/wal.html, "Checkpointing").

import { type Sql, SqlError } from "../sql.ts";
import type { Checkpointer } from "./checkpointer.ts";

/** Pages of 4 KiB in the log from which on it is copied. */
const DUE_PAGES = 2_000;
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const SYNC_FAULTS: ReadonlySet<number> = new Set([1034, 1290]);

interface CheckpointOptions {
  /** A connection for reading the state of the log, without an open transaction between commits. */
  readonly log: Pick<Sql, "query">;
  readonly checkpointer: Pick<Checkpointer, "copy">;
}

/** Two steps each: nearly all of the log while others write, then what they wrote, while none does. */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  #firstStep: Promise<void> | undefined;
  #isHalfDone = false;
  /** The log's length when it was last read, and the length at which a checkpoint begins: pages. */
  #length = 0;
  #due = DUE_PAGES;
  #failure: SqlError | undefined;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /**
   * Throws when what is written from now on may not be durable. A system that once failed to sync may
   * have forgotten what it could not write: only a new start reads what is really there.
   *
   * @throws {SqlError} lost
   */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * To be called after a commit, and before the next one begins. Resolves when that may be. Never
   * rejects: what fails is tried again later, or is known to `check`.
   */
  async afterCommit(): Promise<void> {
    if (this.#firstStep !== undefined) return;
    try {
      if (await this.#hasRestarted()) this.#isHalfDone = false;
    } catch {
      // The file cannot be read: the next transaction fails.
      return;
    }
    if (this.#isHalfDone) {
      this.#isHalfDone = false;
      // A long read, such as a backup, keeps the log as it is: it grows until the read ends.
      this.#due = this.#length + DUE_PAGES;
      await this.#copy();
    } else if (this.#length >= this.#due) {
      this.#firstStep = this.#copy().then((isCopied) => {
        this.#isHalfDone = isCopied;
        this.#firstStep = undefined;
      });
    }
  }

  /** Resolves when no copy is under way. */
  async settle(): Promise<void> {
    await this.#firstStep;
  }

  async #copy(): Promise<boolean> {
    try {
      await this.#options.checkpointer.copy();
      return true;
    } catch (error) {
      // No space for the copy, or a file that cannot be read: the log has all of it.
      this.#due = this.#length + DUE_PAGES;
      if (error instanceof SqlError && SYNC_FAULTS.has(error.errno)) {
        const message = `${error.message}: could not be synced; start the server again`;
        this.#failure = new SqlError("lost", message, error.errno, { isPersistent: true });
      }
      return false;
    }
  }

  async #hasRestarted(): Promise<boolean> {
    const before = this.#length;
    const [row] = await this.#options.log.query("PRAGMA wal_checkpoint(NOOP)");
    this.#length = Number(row?.log ?? 0);
    if (this.#length >= before) return false;
    this.#due = DUE_PAGES;
    return true;
  }
}
