// One connection to an SQLite file, by node:sqlite, and what its errors mean. Its calls block the event
// loop. Knows no table.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  type ExecuteResult,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SchemaSql,
  SqlError,
  type SqlFault,
  type SqlValue,
  type Transaction,
  type UpdateEach,
} from "../sql.ts";

/** To write, or to read what is committed. */
type ConnectionUse = "write" | "read";

/** How long it waits while it opens for another process, such as one that has just closed the file. */
const OPEN_BUSY_MS = 2_000;
/** Statements kept prepared. */
const PREPARED = 256;

const SETTINGS: Readonly<Record<ConnectionUse, readonly string[]>> = {
  // SQLite then writes the log and leaves it to us to sync it and to copy it into the file: see
  // SyncedLog and Checkpoints. Only where the log begins again it syncs its first bytes.
  // A text that was deleted is overwritten, not only marked as free.
  write: [
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "wal_autocheckpoint = 0",
    "secure_delete = ON",
  ],
  read: [],
};

/** One connection with its prepared statements, the least recently used one dropped first. */
export class Connection implements Transaction, SchemaSql, Disposable {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(path: string, use: ConnectionUse) {
    this.#database = new DatabaseSync(path, {
      timeout: OPEN_BUSY_MS,
      readOnly: use === "read",
      enableForeignKeyConstraints: true,
    });
    try {
      // Through `all`, because only prepared statements report SQLite's code.
      this.#all("PRAGMA trusted_schema = OFF");
      this.#all("PRAGMA temp_store = MEMORY");
      for (const setting of SETTINGS[use]) this.#all(`PRAGMA ${setting}`);
      // Opens the files: later there may be no descriptor left.
      this.#all("SELECT 1 FROM sqlite_master LIMIT 1");
      // From here on the event loop would stand still meanwhile: see untilUnlocked.
      this.#all("PRAGMA busy_timeout = 0");
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

  /** By a join: a CASE would be searched from its beginning for every row. */
  updateEach(update: UpdateEach): Promise<ExecuteResult> {
    const { table, key, guard, columns, also, alsoParams } = update;
    const rows = padToPowerOfTwo(update.rows);
    const row = `(${placeholders(columns.length + 2)})`;
    const named = ["row_key", "expected", ...columns.map((column) => `new_${column}`)];
    return this.execute(
      `WITH each_row (${named.join(", ")}) AS ` +
        `(VALUES ${new Array(rows.length).fill(row).join(", ")}) ` +
        `UPDATE ${table} SET ${also}, ` +
        columns.map((column) => `${column} = new_${column}`).join(", ") +
        ` FROM each_row WHERE ${key} = row_key AND ${guard} = expected`,
      [...rows.flat(), ...alsoParams],
    );
  }

  // deno-lint-ignore require-await -- errors must reject, whatever the caller awaits
  async execute(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult> {
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

  /** Sets a number in the header of the file, for programs; part of the transaction. */
  setMark(mark: number): void {
    try {
      // Not kept prepared: there is no second one with this text.
      this.#database.prepare(`PRAGMA user_version = ${mark}`).all();
    } catch (error) {
      throw sqlErrorOf(error);
    }
  }

  /** May be called again. */
  [Symbol.dispose](): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
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
export const NOT_A_DATABASE = 26;
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
  return sqlErrorOfCode(errcode, "errstr" in error ? String(error.errstr) : "no code");
}

/** What SQLite's extended code and its words for it mean. */
export function sqlErrorOfCode(errcode: number, errstr: string): SqlError {
  const kind = UNIQUE_CODES.has(errcode) ? "duplicate" : FAULT_OF_CODE.get(errcode & 0xff);
  return new SqlError(kind ?? "refused", `SQLite: ${errstr} (${errcode})`, errcode);
}
