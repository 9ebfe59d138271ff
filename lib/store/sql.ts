// What a database must do for us, so that every query is written once. A query that must differ
// between databases becomes a method of the driver with a name; no query asks for the dialect.
// Knows no table and no database.

import { chunk } from "@std/collections/chunk";
import { StoreError, type StoreFault } from "./repository.ts";

/** What a statement takes and a column gives. Every number is a safe integer. */
export type SqlValue = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** What a statement that changes rows has done. */
export interface ExecuteResult {
  /** How many rows it found to change, whether or not they differed before. */
  readonly changes: number;
  /** The generated key of the row inserted last; 0 when there is none. */
  readonly insertId: number;
}

/** Runs statements. Their text is constant: values are parameters, always. */
export interface Sql {
  /** @throws {SqlError} */
  query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** @throws {SqlError} */
  execute(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult>;
}

/** Statements that take effect together. */
export interface Transaction extends Sql {
  /**
   * As `query`, and nobody else changes these rows before the end of the transaction. The text is a
   * plain SELECT: the driver adds what its database needs.
   */
  queryLocking(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Changes many rows in one statement, each to values of its own. @throws {SqlError} */
  updateEach(update: UpdateEach): Promise<ExecuteResult>;
}

/** What to change in many rows. Names are constant: values are parameters, always. */
export interface UpdateEach {
  readonly table: string;
  /** The column that names a row, and one that must be as expected for the row to be changed. */
  readonly key: string;
  readonly guard: string;
  /** The columns that each row has new values for. */
  readonly columns: readonly string[];
  /** A row each: its key, the guard's expected value, and the new values in the order of `columns`. */
  readonly rows: readonly (readonly SqlValue[])[];
  /** An assignment that is the same for all of them, and its parameters. */
  readonly also: string;
  readonly alsoParams: readonly SqlValue[];
}

export interface Transactor {
  /**
   * Commits what `work` did, or undoes all of it when `work` rejects. `work` awaits nothing but its
   * own statements.
   *
   * @throws {SqlError} of kind `unknown` when the answer to the commit was lost: the transaction
   * holds its locks until it has happened or is undone, so who takes the same locks can look.
   */
  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T>;
}

/** Statements that may change the schema. */
export interface SchemaSql extends Sql {
  tableNames(): Promise<readonly string[]>;
}

/** An open database. Statements of its own are each a transaction. */
export interface SqlDriver extends Sql, Transactor, AsyncDisposable {
  /** Names the folder of its migrations. */
  readonly dialect: "mysql" | "sqlite";
  /** What an operator should know about this database's settings, one sentence each. */
  readonly warnings: readonly string[];
  /** A connection for the most frequent writes, kept open, with its statements prepared. */
  readonly writer: Transactor;
  /**
   * Runs `work` while no other process is in it, on this database. Each statement may take effect
   * by itself: `work` must be able to go on where an earlier run was cut off.
   */
  withSchemaLock<T>(work: (sql: SchemaSql) => Promise<T>): Promise<T>;
}

/**
 * Why a statement failed.
 * - `duplicate`: a unique index has the value already
 * - `exists`: a change of the schema has been made already
 * - `conflict`: it gave way to another transaction, and may succeed when run again
 * - `locked`: another transaction held what it needed for as long as the database waits for that
 * - `full`: there is no space
 * - `lost`: the database is out of reach or out of order; nothing of the transaction has happened
 * - `unknown`: the same, while the commit was on its way: it may have happened
 * - `refused`: the fault is in the statement or its values
 */
export type SqlFault =
  | "duplicate"
  | "exists"
  | "conflict"
  | "locked"
  | "full"
  | "lost"
  | "unknown"
  | "refused";

/** The same in terms of the store, without SQL. */
const STORE_FAULTS: Readonly<Record<SqlFault, StoreFault>> = {
  duplicate: "internal",
  exists: "internal",
  refused: "internal",
  conflict: "unavailable",
  locked: "unavailable",
  lost: "unavailable",
  unknown: "unavailable",
  full: "storage_full",
};

/** A statement failed. The message holds the database's code, never its text: that quotes values. */
export class SqlError extends StoreError {
  readonly kind: SqlFault;
  /** The database's number for it; 0 when it gave none. */
  readonly errno: number;
  /** Whether it fails until a person changes something, as a password or a setting. */
  readonly isPersistent: boolean;

  constructor(
    kind: SqlFault,
    message: string,
    errno: number,
    { isPersistent = false }: { readonly isPersistent?: boolean } = {},
  ) {
    super(STORE_FAULTS[kind], message);
    this.kind = kind;
    this.errno = errno;
    this.isPersistent = isPersistent;
  }
}

/** Whether `error` is a failed statement of this kind. */
export function isSqlError(error: unknown, kind: SqlFault): error is SqlError {
  return error instanceof SqlError && error.kind === kind;
}

/**
 * Why a database cannot be opened.
 * - `unreachable`: nothing answers; it may later
 * - `in_use`: another server has it
 * - `refused`: a permission, a password, or a file that is not as it must be
 * - `incompatible`: what is in it is not ours, or not of this version
 */
export type OpenFault = "unreachable" | "in_use" | "refused" | "incompatible";

/**
 * A database cannot be opened. The message is for the person who starts the server: one line, or a block
 * of lines where there is something to decide.
 */
export class OpenError extends Error {
  override readonly name = "OpenError";
  readonly kind: OpenFault;

  constructor(kind: OpenFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** What a statement that failed at the start comes to. */
export function openErrorFrom(error: SqlError): OpenError {
  const { kind, isPersistent, message } = error;
  const fault = isPersistent ? "refused" : kind === "refused" ? "incompatible" : "unreachable";
  return new OpenError(fault, `Cannot prepare the database: ${message}`, error);
}

/**
 * What `find` finds, else what `insert` stores; what another server stores at the same moment is found.
 *
 * @throws {SqlError} of kind `duplicate` when `insert` meets a row that `find` does not find
 */
export async function findOrInsert<T>(
  find: () => Promise<T | undefined>,
  insert: () => Promise<T>,
): Promise<T> {
  const known = await find();
  if (known !== undefined) return known;
  try {
    return await insert();
  } catch (error) {
    const other = isSqlError(error, "duplicate") ? await find() : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

/** A `LIMIT` for the end of a query: as text, because MySQL takes no DOUBLE there. */
export function limitTo(rows: number): string {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`No number of rows: ${rows}`);
  return ` LIMIT ${rows}`;
}

/** `?, ?, ?`: a place for each of so many parameters. */
export function placeholders(count: number): string {
  return "?, ".repeat(count - 1) + "?";
}

/**
 * The values, with the last one repeated until their number is a power of two. In `IN (…)` a repeated value
 * changes nothing, and so few statements serve all sizes.
 */
export function padToPowerOfTwo<T>(values: readonly T[]): T[] {
  const padded = values.slice();
  const last = values.at(-1);
  if (last === undefined) return padded;
  const size = 2 ** Math.ceil(Math.log2(values.length));
  while (padded.length < size) padded.push(last);
  return padded;
}

/** Values of one statement: SQLite takes 32,766, MySQL 65,535, and both are slow long before. */
const VALUES_AT_ONCE = 1_000;

/**
 * Asks for any number of values, some at a time: for `IN (…)`, whose places are handed to `ask`.
 * The rows come in no order.
 */
export async function queryAmong(
  values: readonly SqlValue[],
  ask: (places: string, values: readonly SqlValue[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const part of chunk(values, VALUES_AT_ONCE)) {
    const some = padToPowerOfTwo(part);
    for (const row of await ask(placeholders(some.length), some)) rows.push(row);
  }
  return rows;
}
