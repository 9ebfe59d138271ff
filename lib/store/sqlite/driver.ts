// A database in a file, by node:sqlite. Its calls block the event loop, so each of them is short, and none
// waits for the disk or for another program. No caller may rely on that: the port is asynchronous. Knows
// no table.

import {
  type ExecuteResult,
  OpenError,
  type Row,
  type SchemaSql,
  type SqlDriver,
  SqlError,
  type SqlValue,
  type Transaction,
  type Transactor,
} from "../sql.ts";
import type { StoreLog } from "../store_log.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Connection, NOT_A_DATABASE } from "./connection.ts";
import { SyncedLog } from "./log_sync.ts";
import { claimFiles, type FileClaim, openErrorOf } from "./file_claim.ts";
import { retryWhileLocked } from "./lock_wait.ts";
import { refuseMismatchedLog } from "./mismatched_log.ts";
import { markAfter } from "./log_match.ts";
import { OverwriteCheck } from "./overwrite_check.ts";
import { type FileLoss, FileWatch } from "./file_watch.ts";

interface SqliteOptions {
  /** The database's file; the file and its directory are created when missing. */
  readonly path: string;
  /** Logs what an operator must act on at once. */
  readonly alarm?: StoreLog | undefined;
}

/** How long a statement waits for another program's lock. */
const LOCKED_MS = 2_000;

/** The header of the file, on which a new log begins. */
const HEADER = "SELECT * FROM pragma_user_version, pragma_schema_version, pragma_page_count, " +
  "pragma_freelist_count";

/** How long statements may follow each other before the event loop has a turn. */
const TURN_MS = 5;

/**
 * Opens the file for this process alone.
 *
 * @throws {OpenError} `in_use` (another server has the file), `refused`, `incompatible`
 */
export async function openSqlite(options: SqliteOptions): Promise<SqlDriver> {
  const claim = claimFiles(options.path);
  try {
    await refuseMismatchedLog(options.path);
    return new SqliteDriver(claim, options);
  } catch (error) {
    claim[Symbol.dispose]();
    if (error instanceof SqlError && error.errno === NOT_A_DATABASE) {
      throw new OpenError("incompatible", `"${options.path}" is not an SQLite database`, error);
    }
    throw openErrorOf(options.path, error);
  }
}

class SqliteDriver implements SqlDriver {
  readonly dialect = "sqlite";
  readonly warnings: readonly string[];
  readonly writer: Transactor = this;
  /** What is open, to be closed in the opposite order. */
  readonly #open: AsyncDisposableStack;
  /** Writes, one transaction at a time. */
  readonly #writes: Connection;
  /** Reads what is committed, so that no reader ever sees into an open transaction. */
  readonly #reads: Connection;
  readonly #log: SyncedLog;
  readonly #checkpoints: Checkpoints;
  readonly #watch: FileWatch;
  /** Settles when the last transaction that was asked for is done. */
  #lastTurn: Promise<void> = Promise.resolve();
  /** Spent in statements since the event loop was last given a turn. */
  #spentMs = 0;

  /** Owns the claim from here on, unless it throws. */
  constructor(claim: FileClaim, { alarm }: SqliteOptions) {
    using open = new DisposableStack();
    const { path } = claim;
    this.warnings = claim.warnings;
    // Closed last: see OverwriteCheck.
    const content = open.use(new OverwriteCheck(path));
    this.#writes = open.use(new Connection(path, "write"));
    this.#log = open.use(new SyncedLog(path));
    this.#reads = open.use(new Connection(path, "read"));
    const opened = open.move();
    this.#open = new AsyncDisposableStack();
    this.#open.use(claim);
    this.#open.use(opened);
    // Closed first: the last connection that is closed copies the rest of the log.
    const checkpointer = this.#open.use(new Checkpointer(path));
    const copy = () => this.#watch.whileCopying(() => checkpointer.copy());
    this.#checkpoints = new Checkpoints({ log: this.#writes, checkpointer: { copy } });
    const onLoss = ({ suffix, why }: FileLoss) => {
      alarm?.("database file lost", { why });
      // The log is still there, without a name: what it holds can be kept if the file has its own.
      if (suffix !== "") checkpointer.copy().catch(() => {});
    };
    const onSecondName = (why: string) => alarm?.("database file has a second name", { why });
    this.#watch = this.#open.use(new FileWatch(path, { content, onLoss, onSecondName }));
  }

  query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    const wait = { until: performance.now() + LOCKED_MS };
    return this.#withinBudget(() => retryWhileLocked(() => this.#reads.query(sql, params), wait));
  }

  execute(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult> {
    return this.transaction((connection) => connection.execute(sql, params));
  }

  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    const wait = { until: performance.now() + LOCKED_MS };
    return this.#exclusive(async () => {
      const connection = this.#writes;
      // Left open when the file failed so that even undoing it did.
      if (connection.isInTransaction) await connection.execute("ROLLBACK");
      await retryWhileLocked(() => connection.execute("BEGIN IMMEDIATE"), wait);
      try {
        await this.#markLog();
        const result = await work(connection);
        await connection.execute("COMMIT");
        return result;
      } catch (error) {
        // A full disk has already undone it.
        if (connection.isInTransaction) await connection.execute("ROLLBACK");
        throw error;
      }
    });
  }

  /** The file is this process's alone, and here a change of the schema is undone like any other. */
  withSchemaLock<T>(work: (sql: SchemaSql) => Promise<T>): Promise<T> {
    return this.transaction(() => work(this.#writes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastTurn;
    await this.#checkpoints.settle();
    this.#watch.look();
    // The connection that is closed last copies the log, unless it can only read.
    if (this.#watch.isInDoubt) this.#writes[Symbol.dispose]();
    await this.#open.disposeAsync();
  }

  /** In a transaction: the first one of a log marks the log, so that it can be distinguished from others. */
  async #markLog(): Promise<void> {
    const [log] = await this.#reads.query("PRAGMA wal_checkpoint(NOOP)");
    // While some of it is not in the file, the log goes on.
    if (Number(log?.checkpointed ?? 0) < Number(log?.log ?? 0)) return;
    const [header] = await this.#writes.query(HEADER);
    const field = (name: string) => Number(header?.[name] ?? 0);
    const chance = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
    this.#writes.setMark(markAfter({
      mark: field("user_version"),
      schema: field("schema_version"),
      pages: field("page_count"),
      freePages: field("freelist_count"),
    }, chance));
  }

  /** One transaction at a time. Resolves when what `work` has written is on the disk. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastTurn.then(() => this.#durably(work));
    this.#lastTurn = result.then(() => this.#checkpoints.afterCommit(), () => {});
    return result;
  }

  async #durably<T>(work: () => Promise<T>): Promise<T> {
    this.#log.check();
    this.#checkpoints.check();
    this.#watch.check();
    const result = await this.#withinBudget(work);
    await this.#log.sync();
    // A file without a name is lost when it is closed: what is in it is not stored.
    this.#watch.check();
    return result;
  }

  /** Statements block, and their callers go on at once: many in a row would starve the sockets. */
  async #withinBudget<T>(work: () => Promise<T>): Promise<T> {
    if (this.#spentMs > TURN_MS) {
      this.#spentMs = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.#spentMs += performance.now() - begun;
    }
  }
}
