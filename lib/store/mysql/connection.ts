// One connection to MySQL or MariaDB, and the only file that knows the library for it. The caller sets
// deadlines: `destroy` ends what is running, also when the server is frozen.

import { startDeadline } from "../../time.ts";
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import {
  type Connection,
  createConnection,
  type ResultSetHeader,
  type RowDataPacket,
  type SslOptions,
} from "mysql2/promise";
import { sqlErrorOf } from "./errors.ts";
import { SESSION_COMMANDS, settingsCommand, SHOW_SESSION } from "./session_settings.ts";
import {
  type ExecuteResult,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SchemaSql,
  type SqlValue,
  type Transaction,
  type UpdateEach,
} from "../sql.ts";

/** How TLS with the server is used. */
export interface MysqlTls {
  /** Whether the server's certificate and its name are verified; without it, only encrypted. */
  readonly isVerified: boolean;
  /** The certificate authorities to trust, PEM; without it those that the runtime trusts. */
  readonly ca?: string | undefined;
}

export interface MysqlOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  /** Missing: not encrypted. */
  readonly tls?: MysqlTls | undefined;
}

export const CONNECT_MS = 3_000;
/** How long an orderly end may take before the socket is closed. */
const QUIT_MS = 200;
/** Statements kept prepared on a connection. */
const PREPARED = 256;

export class MysqlConnection implements Transaction, SchemaSql {
  readonly #connection: Connection;
  readonly #socket: Socket;
  /** Settles when the socket is closed, by either side. */
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
   * @throws what the library throws: see errors.ts
   */
  static async open(
    options: Omit<MysqlOptions, "database"> & { readonly database: string | undefined },
    ms: number,
  ): Promise<MysqlConnection> {
    const { host, port, user, password, database, tls } = options;
    // Our own socket: the library closes only its side, and would wait for a frozen server without end.
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    // The certificate is verified against this name; without it, as for an IP address, against "localhost".
    Object.assign(socket, { _host: host });
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve());
    const timer = startDeadline(() => socket.destroy(), { ms });
    try {
      const connection = await createConnection({
        stream: () => socket,
        host,
        user,
        ...(password === undefined ? undefined : { password }),
        ...(database === undefined ? undefined : { database }),
        ...(tls === undefined ? undefined : { ssl: sslOf(tls) }),
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
      await opened.#prepareSession();
      return opened;
    } catch (error) {
      socket.destroy();
      await closed;
      throw error;
    } finally {
      timer.clear();
    }
  }

  /** Whether it can no longer be used. */
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

  /** By a CASE for each column: with a join the server chooses the order, and may lock other rows. */
  updateEach(update: UpdateEach): Promise<ExecuteResult> {
    const { table, key, guard, columns, also, alsoParams } = update;
    const rows = padToPowerOfTwo(update.rows);
    const cases = `CASE ${key} ${"WHEN ? THEN ? ".repeat(rows.length)}END`;
    const valuesAt = (place: number) => rows.flatMap((row) => [row[0] ?? null, row[place] ?? null]);
    return this.execute(
      `UPDATE ${table} SET ${also}, ` +
        columns.map((column) => `${column} = ${cases}`).join(", ") +
        ` WHERE ${key} IN (${placeholders(rows.length)}) AND ${guard} = ${cases}`,
      [
        ...alsoParams,
        ...columns.flatMap((_, index) => valuesAt(index + 2)),
        ...rows.map((row) => row[0] ?? null),
        ...valuesAt(1),
      ],
    );
  }

  async execute(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult> {
    const { affectedRows, insertId } = await this.#execute(sql, params) as ResultSetHeader;
    return { changes: affectedRows, insertId };
  }

  async tableNames(): Promise<readonly string[]> {
    const rows = await this.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
    );
    return rows.map((row) => String(row.name));
  }

  /** Ends the connection now, and what is running on it. */
  destroy(): Promise<void> {
    this.#isBroken = true;
    this.#socket.destroy();
    return this.#closed;
  }

  /** Ends the connection in order. Nothing may be running on it. */
  async close(): Promise<void> {
    const timer = startDeadline(() => this.#socket.destroy(), { ms: QUIT_MS });
    this.#connection.destroy();
    await this.#closed;
    timer.clear();
  }

  /** Sets what the queries rely on. The text protocol: no statement may be left to prepare. */
  async #prepareSession(): Promise<void> {
    try {
      for (const command of SESSION_COMMANDS) await this.#connection.query(command);
      const [rows] = await this.#connection.query<RowDataPacket[]>(SHOW_SESSION);
      const command = settingsCommand(rows.map((row) => [row.Variable_name, row.Value]));
      if (command !== undefined) await this.#connection.query(command);
    } catch (error) {
      throw this.#errorOf(error);
    }
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

/** As the library takes it. */
function sslOf({ isVerified, ca }: MysqlTls): SslOptions {
  if (!isVerified) return { rejectUnauthorized: false };
  return { verifyIdentity: true, ...(ca === undefined ? undefined : { ca }) };
}

/** The library sends a Buffer as bytes, and any other array as text. */
function bindable(value: SqlValue): string | number | Buffer | null {
  if (!(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
