// A database in a file, by node:sqlite. Its calls block the event loop, so every one of them is
// short and none waits for the disk to write; no caller may count on that: the port is asynchronous.
// Knows no table.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  type Executed,
  OpenError,
  type Row,
  type SchemaSql,
  type SqlDriver,
  SqlError,
  type SqlFault,
  type SqlValue,
  type Transaction,
  type Transactor,
} from "./sql.ts";
import { claimFiles, type FileClaim, openErrorOf } from "./sqlite_files.ts";
import { WriteAheadLog } from "./sqlite_log.ts";

export interface SqliteOptions {
  /** The database's file. It, and its directory, are made when missing. */
  readonly path: string;
}

/** How long a statement waits for another process, such as a backup; the event loop stands still. */
const BUSY_MS = 50;
/** Statements kept prepared on each of the two connections. */
const PREPARED = 256;
/** How long statements may follow each other before the event loop has a turn: others wait for it. */
const TURN_MS = 5;
/** Pages of 4 KiB after which the log is copied into the file: rarely, as the event loop waits. */
const CHECKPOINT_PAGES = 4_000;

/**
 * Opens the file for this process alone.
 *
 * @throws {OpenError} `in_use` (another server has the file), `refused`, `incompatible`
 */
// deno-lint-ignore require-await -- the other drivers are asynchronous
export async function openSqlite(options: SqliteOptions): Promise<SqlDriver> {
  const claim = claimFiles(options.path);
  try {
    return new SqliteDriver(claim);
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
  readonly warnings = [];
  readonly writer: Transactor = this;
  readonly #claim: FileClaim;
  /** Writes, one transaction at a time. */
  readonly #writes: Connection;
  /** Reads what is committed, so that no reader ever sees into an open transaction. */
  readonly #reads: Connection;
  readonly #log: WriteAheadLog;
  /** Settles when the last of those who asked for the writing connection is done. */
  #lastTurn: Promise<void> = Promise.resolve();
  /** Spent in statements since the event loop was last given a turn. */
  #spentMs = 0;

  constructor(claim: FileClaim) {
    this.#claim = claim;
    this.#log = new WriteAheadLog(claim.path);
    this.#writes = new Connection(claim.path, "write");
    try {
      this.#reads = new Connection(claim.path, "read");
    } catch (error) {
      this.#writes.close();
      throw error;
    }
  }

  query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#inTurn(() => this.#reads.query(sql, params));
  }

  execute(sql: string, params?: readonly SqlValue[]): Promise<Executed> {
    return this.#alone(() => this.#writes.execute(sql, params));
  }

  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      const connection = this.#writes;
      // Left open when the file failed so that even undoing it did.
      if (connection.isInTransaction) await connection.execute("ROLLBACK");
      await connection.execute("BEGIN IMMEDIATE");
      try {
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
  exclusively<T>(work: (sql: SchemaSql) => Promise<T>): Promise<T> {
    return this.transaction(() => work(this.#writes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastTurn;
    this.#reads.close();
    this.#writes.close();
    this.#log.close();
    this.#claim[Symbol.dispose]();
  }

  /** Resolves when what `work` has written is on the disk; the next one begins after that. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#lastTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTurn = promise;
    await before;
    try {
      this.#log.check();
      const result = await this.#inTurn(work);
      await this.#log.sync();
      return result;
    } finally {
      resolve();
    }
  }

  /** Statements block, and what awaits them goes on at once: many in a row would starve the sockets. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
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

/** One connection with its prepared statements, the least recently used one dropped first. */
class Connection implements Transaction, SchemaSql {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(path: string, use: "read" | "write") {
    this.#database = new DatabaseSync(path, {
      timeout: BUSY_MS,
      readOnly: use === "read",
      enableForeignKeyConstraints: true,
    });
    try {
      // Through `all`, because only prepared statements report SQLite's code.
      this.#all("PRAGMA trusted_schema = OFF");
      this.#all("PRAGMA temp_store = MEMORY");
      if (use === "write") {
        this.#all("PRAGMA journal_mode = WAL");
        // SQLite then writes the log and leaves it to us to sync it: see WriteAheadLog.
        this.#all("PRAGMA synchronous = NORMAL");
        this.#all(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      }
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  // deno-lint-ignore require-await -- errors must reject, whatever the caller awaits
  async query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#all(sql, params);
  }

  /** BEGIN IMMEDIATE has locked the whole database. */
  queryLocking(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.query(sql, params);
  }

  // deno-lint-ignore require-await -- errors must reject, whatever the caller awaits
  async execute(sql: string, params: readonly SqlValue[] = []): Promise<Executed> {
    try {
      const { changes, lastInsertRowid } = this.#prepare(sql).run(...params);
      return { changes: Number(changes), insertId: Number(lastInsertRowid) };
    } catch (error) {
      throw sqlErrorOf(error);
    }
  }

  async tableNames(): Promise<readonly string[]> {
    const rows = await this.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')");
    return rows.map((row) => String(row.name));
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #all(sql: string, params: readonly SqlValue[] = []): readonly Row[] {
    try {
      return this.#prepare(sql).all(...params) as Row[];
    } catch (error) {
      throw sqlErrorOf(error);
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      this.#prepared.delete(sql);
      this.#prepared.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    if (this.#prepared.size > PREPARED) {
      const [oldest] = this.#prepared.keys();
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    return statement;
  }
}

// https://sqlite.org/rescode.html: the low byte is the primary code.
const NOT_A_DATABASE = 26;
const UNIQUE_CODES: ReadonlySet<number> = new Set([1555, 2067, 2579]);
const FAULT_OF_CODE: ReadonlyMap<number, SqlFault> = new Map([
  [5, "conflict"], // BUSY
  [6, "conflict"], // LOCKED
  [7, "lost"], // NOMEM
  [8, "lost"], // READONLY
  [10, "lost"], // IOERR
  [11, "lost"], // CORRUPT
  [13, "full"], // FULL
  [14, "lost"], // CANTOPEN
  [NOT_A_DATABASE, "lost"],
]);

function sqlErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code !== "ERR_SQLITE_ERROR") return error;
  const errcode = "errcode" in error && typeof error.errcode === "number" ? error.errcode : 1;
  const why = "errstr" in error ? String(error.errstr) : "no code";
  const kind = UNIQUE_CODES.has(errcode) ? "duplicate" : FAULT_OF_CODE.get(errcode & 0xff);
  return new SqlError(kind ?? "refused", `SQLite: ${why} (${errcode})`, errcode);
}
