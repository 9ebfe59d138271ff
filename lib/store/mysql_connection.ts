// One connection to MySQL or MariaDB, and the only file that knows the library for it. Whoever uses it
// sets the deadline: `destroy` ends what is running, also when the server is frozen.

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { type Connection, createConnection, type ResultSetHeader } from "mysql2/promise";
import { sqlErrorOf } from "./mysql_errors.ts";
import type { Executed, Row, SchemaSql, SqlValue, Transaction } from "./sql.ts";

/** How to verify and speak to a server by TLS. */
export interface MysqlTls {
  /** The authorities to trust, as PEM; the system's when missing. */
  readonly ca?: string | undefined;
}

export interface MysqlOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  /** With it, the connection is encrypted and the server's name is verified. */
  readonly tls?: MysqlTls | undefined;
}

export const CONNECT_MS = 3_000;
/** How long a goodbye may take before the socket is closed all the same. */
const GOODBYE_MS = 200;
/** Statements kept prepared on a connection. */
const PREPARED = 256;

/**
 * What the connection is, whatever the server's defaults: what is not representable is refused,
 * CURRENT_TIMESTAMP is UTC, and waiting for a lock ends well before the transaction's deadline.
 */
const SETTINGS = [
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  "SET SESSION innodb_lock_wait_timeout = 3, time_zone = '+00:00', sql_mode = " +
  "'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
];

export class MysqlConnection implements Transaction, SchemaSql {
  readonly #connection: Connection;
  readonly #socket: Socket;
  /** Settles when the socket is closed, by whichever side. */
  readonly #closed: Promise<void>;
  #isBroken = false;

  private constructor(connection: Connection, socket: Socket, closed: Promise<void>) {
    this.#connection = connection;
    this.#socket = socket;
    this.#closed = closed;
    const setBroken = () => void (this.#isBroken = true);
    connection.on("error", setBroken);
    socket.on("close", setBroken);
    socket.on("end", setBroken);
  }

  /**
   * Connects within `ms`, with `database` chosen unless it is undefined.
   *
   * @throws what the library throws: see mysql_errors.ts
   */
  static async open(
    options: Omit<MysqlOptions, "database"> & { readonly database: string | undefined },
    ms: number,
  ): Promise<MysqlConnection> {
    const { host, port, user, password, database, tls } = options;
    // Our own socket: the library closes its half only, and waits for a frozen server for ever.
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve());
    const timer = setTimeout(() => socket.destroy(), ms);
    try {
      const connection = await createConnection({
        stream: () => socket,
        host,
        user,
        ...(password === undefined ? undefined : { password }),
        ...(database === undefined ? undefined : { database }),
        ...(tls === undefined ? undefined : { ssl: { ...tls, verifyIdentity: true } }),
        charset: "utf8mb4",
        timezone: "Z",
        supportBigNumbers: true,
        disableEval: true,
        trace: false,
        connectTimeout: 0,
        maxPreparedStatements: PREPARED,
        flags: ["-LOCAL_FILES"],
      });
      const opened = new MysqlConnection(connection, socket, closed);
      for (const setting of SETTINGS) await opened.command(setting);
      return opened;
    } catch (error) {
      socket.destroy();
      await closed;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether it can be used no more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** A constant statement without values, which need not be preparable. */
  async command(sql: string): Promise<void> {
    try {
      await this.#connection.query(sql);
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  async query(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return await this.#execute(sql, params) as readonly Row[];
  }

  queryLocking(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.query(`${sql} FOR UPDATE`, params);
  }

  async execute(sql: string, params?: readonly SqlValue[]): Promise<Executed> {
    const { affectedRows, insertId } = await this.#execute(sql, params) as ResultSetHeader;
    return { changes: affectedRows, insertId };
  }

  async tableNames(): Promise<readonly string[]> {
    const rows = await this.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
    );
    return rows.map((row) => String(row.name));
  }

  /** Ends it now, and with it what is running on it. */
  destroy(): Promise<void> {
    this.#isBroken = true;
    this.#socket.destroy();
    return this.#closed;
  }

  /** Takes leave of the server. Nothing may be running. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
    this.#connection.destroy();
    await this.#closed;
    clearTimeout(timer);
  }

  async #execute(sql: string, params: readonly SqlValue[] = []): Promise<unknown> {
    try {
      const [result] = await this.#connection.execute(sql, params.map(bindable));
      return result;
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  #errorOf(error: unknown): unknown {
    const isFatal = error instanceof Error && "fatal" in error && error.fatal === true;
    if (isFatal) this.#isBroken = true;
    return sqlErrorOf(error, !this.#isBroken);
  }
}

/** The library sends a Buffer as bytes, and would make text of any other array. */
function bindable(value: SqlValue): string | number | Buffer | null {
  if (!(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
