// Copies the log of an SQLite database into its file, so that the log can begin anew, while others go
// on: SQLite would do it within a commit, on the event loop, and wait for the disk there.
//
// The order keeps everything through a loss of power (https://sqlite.org/wal.html, "Checkpointing"):
// the log is on the disk before it is copied, and the copy is on the disk before the log is written
// over. SQLite would sync for both; here the caller has done the first, and a reader that stays in
// the log (the pin) keeps writers from its beginning until our own sync has done the second.

import type { Sql } from "./sql.ts";

/** Pages of 4 KiB in the log from which on it is copied; the event loop waits for some 3 µs a page. */
const DUE_PAGES = 2_000;

export interface CheckpointOptions {
  readonly copier: Pick<Sql, "query">;
  /** Of nobody else: it has a transaction open while the disk is waited for. */
  readonly pin: Pick<Sql, "query">;
  /** The database's, without its log. */
  readonly file: { sync(): Promise<void> };
}

/** Two steps each: nearly all of the log while others write, then what they wrote, while none does. */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  /** While the first step waits for the disk. */
  #firstSync: Promise<void> | undefined;
  #isHalfDone = false;
  /** The log's length when it was last looked at, and that at which a checkpoint begins: pages. */
  #length = 0;
  #due = DUE_PAGES;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /**
   * To be called after a commit, when the log is synced, and before the next one begins. Resolves when
   * that may be. Never rejects: what fails is tried again later, or is known to the file.
   */
  async afterCommit(): Promise<void> {
    if (this.#firstSync !== undefined) return;
    try {
      if (await this.#hasBegunAnew()) this.#isHalfDone = false;
      if (this.#isHalfDone) await this.#copyRest();
      else if (this.#length >= this.#due) await this.#copyMost();
    } catch {
      // No space for the copy, or a file that cannot be read: the log has all of it.
      this.#due = this.#length + DUE_PAGES;
    }
  }

  /** Resolves when no sync is under way. */
  async settle(): Promise<void> {
    await this.#firstSync;
  }

  async #copyMost(): Promise<void> {
    const { copier, pin, file } = this.#options;
    await pin.query("BEGIN");
    try {
      await pin.query("SELECT 1 FROM sqlite_master LIMIT 1");
      await copier.query("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (error) {
      await pin.query("ROLLBACK");
      throw error;
    }
    // A file that could not be synced keeps the pin: nobody must write over the log.
    this.#firstSync = file.sync().then(() => pin.query("COMMIT")).then(() => {
      this.#isHalfDone = true;
    }).catch(() => {}).finally(() => this.#firstSync = undefined);
  }

  /** What was written meanwhile is little; the next commit waits for it, and then begins the log anew. */
  async #copyRest(): Promise<void> {
    const { copier, file } = this.#options;
    this.#isHalfDone = false;
    // Somebody who reads for long, such as a backup, keeps the log as it is: it grows until they end.
    this.#due = this.#length + DUE_PAGES;
    await copier.query("PRAGMA wal_checkpoint(PASSIVE)");
    await file.sync();
  }

  async #hasBegunAnew(): Promise<boolean> {
    const before = this.#length;
    const [row] = await this.#options.copier.query("PRAGMA wal_checkpoint(NOOP)");
    this.#length = Number(row?.log ?? 0);
    if (this.#length >= before) return false;
    this.#due = DUE_PAGES;
    return true;
  }
}
