// A MySQL or MariaDB database as a driver. MySQL 5.7 is the floor: no syntax beyond it in any query.
// Knows no table.

import { CONNECT_MS, MysqlConnection, type MysqlOptions } from "./connection.ts";
import { isUnknownDatabase, openErrorOf } from "./errors.ts";
import { MysqlPool } from "./pool.ts";
import {
  type ExecuteResult,
  isSqlError,
  OpenError,
  type Row,
  type SchemaSql,
  type SqlDriver,
  SqlError,
  type SqlValue,
  type Transaction,
  type Transactor,
} from "../sql.ts";

export type { MysqlOptions, MysqlTls } from "./connection.ts";

const POOL = 8;
/** The deadline of a statement of a request, or of its transaction. */
const REQUEST_MS = 5_000;
/** The deadline of a batch; the callers that wait for its answers have their own. */
const BATCH_MS = 10_000;
/** How long another server may take to change the schema. */
const SCHEMA_LOCK_S = 30;
/** Holds the longest statement: a batch of messages. */
const LEAST_PACKET = 2 * 1024 * 1024;
/** A large table may be rewritten. */
const SCHEMA_MS = 3_600_000;

/**
 * Connects, creates the database when it is missing and the user may, and checks the settings that the
 * promises depend on.
 *
 * @throws {OpenError} `unreachable`, `refused`, `incompatible`
 */
export async function openMysql(options: MysqlOptions): Promise<SqlDriver> {
  if (!/^[\w$-]{1,64}$/.test(options.database)) {
    throw new OpenError(
      "refused",
      `Cannot use a database called "${options.database}": letters, digits, _, $ and - make a name`,
    );
  }
  try {
    const first = await connectOrCreate(options);
    try {
      return new MysqlDriver(options, await inspect(first));
    } finally {
      await first.close();
    }
  } catch (error) {
    throw openErrorOf(options, error);
  }
}

async function connectOrCreate(options: MysqlOptions): Promise<MysqlConnection> {
  try {
    return await MysqlConnection.open(options, CONNECT_MS);
  } catch (error) {
    if (!isUnknownDatabase(error)) throw error;
  }
  const server = await MysqlConnection.open({ ...options, database: undefined }, CONNECT_MS);
  try {
    await server.command(
      `CREATE DATABASE IF NOT EXISTS \`${options.database}\` ` +
        "DEFAULT CHARACTER SET utf8mb4 DEFAULT COLLATE utf8mb4_bin",
    );
  } finally {
    await server.close();
  }
  return await MysqlConnection.open(options, CONNECT_MS);
}

/** @returns what an operator should know. @throws {OpenError} `incompatible`, `refused` */
async function inspect(connection: MysqlConnection): Promise<readonly string[]> {
  const rows = await connection.query(
    "SHOW VARIABLES WHERE Variable_name IN ('version', 'innodb_flush_log_at_trx_commit', " +
      "'log_bin', 'binlog_format', 'sync_binlog', 'max_allowed_packet')",
  );
  const settings = new Map(rows.map((row) => [String(row.Variable_name), String(row.Value)]));
  const valueOf = (name: string) => settings.get(name) ?? "";
  const version = valueOf("version");
  if (isTooOld(version)) {
    throw new OpenError(
      "incompatible",
      `MySQL ${version} is too old: MySQL 5.7 or MariaDB 10.2 is the least`,
    );
  }
  const hasBinlog = valueOf("log_bin") === "ON";
  if (hasBinlog && valueOf("binlog_format") === "STATEMENT") {
    throw new OpenError(
      "refused",
      "MySQL has binlog_format STATEMENT, with which it refuses what is written here (error 1665): " +
        "set it to ROW or MIXED, as by SET GLOBAL binlog_format = 'ROW', and in its configuration",
    );
  }
  const packet = Number(valueOf("max_allowed_packet"));
  if (packet < LEAST_PACKET) {
    throw new OpenError(
      "refused",
      `MySQL has max_allowed_packet ${packet}: set it to ${LEAST_PACKET} or more, 16M is usual`,
    );
  }
  const warnings = [];
  const flush = valueOf("innodb_flush_log_at_trx_commit");
  if (flush !== "1") {
    warnings.push(
      `innodb_flush_log_at_trx_commit is ${flush}, not 1: a power cut may lose messages ` +
        "that were acknowledged",
    );
  }
  const sync = valueOf("sync_binlog");
  if (hasBinlog && sync !== "1") {
    warnings.push(
      `sync_binlog is ${sync}, not 1: a power cut may lose messages that were acknowledged`,
    );
  }
  return warnings;
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const least = /mariadb/i.test(version) ? { major: 10, minor: 2 } : { major: 5, minor: 7 };
  return major < least.major || (major === least.major && minor < least.minor);
}

class MysqlDriver implements SqlDriver {
  readonly dialect = "mysql";
  readonly warnings: readonly string[];
  readonly writer: Transactor;
  readonly #pool: MysqlPool;
  /** Of one connection, the writer's. */
  readonly #own: MysqlPool;

  constructor(options: MysqlOptions, warnings: readonly string[]) {
    this.warnings = warnings;
    const connect = (ms: number) => MysqlConnection.open(options, Math.min(ms, CONNECT_MS));
    this.#pool = new MysqlPool({ size: POOL, connect, onStarved: () => this.#own.giveOne() });
    this.#own = new MysqlPool({
      size: 1,
      onStarved: () => this.#pool.giveOne(),
      async connect(ms): Promise<MysqlConnection> {
        const connection = await connect(ms);
        // Each statement begins a transaction if none is open: one round trip less for every batch.
        await connection.command("SET SESSION autocommit = 0");
        return connection;
      },
    });
    this.writer = {
      transaction: (work) => this.#own.use(BATCH_MS, (on) => commit(on, work)),
    };
  }

  query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#pool.use(REQUEST_MS, (connection) => connection.query(sql, params));
  }

  execute(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult> {
    return this.#pool.use(REQUEST_MS, async (connection) => {
      try {
        return await connection.execute(sql, params);
      } catch (error) {
        // It commits by itself, so without an answer the outcome is unknown; an error that only a
        // person can remove is a refusal.
        throw isSqlError(error, "lost") && !error.isPersistent
          ? new SqlError("unknown", error.message, error.errno)
          : error;
      }
    });
  }

  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    return this.#pool.use(REQUEST_MS, async (connection) => {
      await connection.command("START TRANSACTION");
      return await commit(connection, work);
    });
  }

  withSchemaLock<T>(work: (sql: SchemaSql) => Promise<T>): Promise<T> {
    const name = "CONCAT('parley ', MD5(DATABASE()))";
    return this.#pool.use(SCHEMA_MS, async (connection) => {
      const [row] = await connection.query(`SELECT GET_LOCK(${name}, ${SCHEMA_LOCK_S}) AS held`);
      if (row?.held !== 1) {
        throw new OpenError("in_use", "Another server is changing the schema: try again later");
      }
      try {
        return await work(connection);
      } finally {
        if (!connection.isBroken) await connection.query(`SELECT RELEASE_LOCK(${name}) AS freed`);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}

/** Ends the transaction in any case: a connection that is returned within one would stay in it. */
async function commit<T>(
  connection: MysqlConnection,
  work: (sql: Transaction) => Promise<T>,
): Promise<T> {
  let isCommitting = false;
  try {
    const result = await work(connection);
    isCommitting = true;
    await connection.command("COMMIT");
    return result;
  } catch (error) {
    if (isCommitting) {
      // Committed or not: a query under the same locks will find the rows or not.
      await connection.destroy();
      throw new SqlError("unknown", "MySQL: no answer to COMMIT", 0);
    }
    if (!connection.isBroken) {
      await connection.command("ROLLBACK").catch(() => connection.destroy());
    }
    throw error;
  }
}
