// A few connections, opened when they are needed and kept, and the deadline of whoever uses one: it
// holds for waiting, connecting and working together.

import { startPatientTimer } from "../patient_timer.ts";
import type { MysqlConnection } from "./mysql_connection.ts";
import { sqlErrorOf } from "./mysql_errors.ts";
import { SqlError } from "./sql.ts";

export interface MysqlPoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** Opens one within so many milliseconds. */
  connect(ms: number): Promise<MysqlConnection>;
}

/** One who waits until a connection may be used. */
interface Waiting {
  readonly enter: () => void;
  readonly refuse: (error: SqlError) => void;
}

export class MysqlPool implements AsyncDisposable {
  readonly #options: MysqlPoolOptions;
  readonly #idle: MysqlConnection[] = [];
  readonly #busy = new Set<MysqlConnection>();
  /** First come, first served. */
  readonly #line = new Set<Waiting>();
  /** How many use a connection, or open one to use it. */
  #users = 0;
  #isClosed = false;

  constructor(options: MysqlPoolOptions) {
    this.#options = options;
  }

  /**
   * Lends `work` a connection for at most `ms` from now. After that the connection is destroyed, so
   * that whatever `work` waits for fails.
   *
   * @throws {SqlError} of kind `lost` when there is no connection in time
   */
  async use<T>(ms: number, work: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + ms;
    if (this.#users < this.#options.size && !this.#isClosed) this.#users++;
    else await this.#queue(ms);
    try {
      const connection = await this.#take(deadline);
      const left = { ms: deadline - performance.now() };
      const timer = startPatientTimer(() => void connection.destroy(), left);
      this.#busy.add(connection);
      try {
        return await work(connection);
      } finally {
        timer.clear();
        this.#busy.delete(connection);
        if (!connection.isBroken) this.#idle.push(connection);
      }
    } finally {
      this.#leave();
    }
  }

  /** Ends all connections, also those in use. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { refuse } of this.#line) refuse(closed());
    this.#line.clear();
    const idle = this.#idle.splice(0);
    await Promise.all([
      ...idle.map((connection) => connection.close()),
      ...Array.from(this.#busy, (connection) => connection.destroy()),
    ]);
  }

  #queue(ms: number): Promise<void> {
    if (this.#isClosed) throw closed();
    return new Promise((resolve, reject) => {
      const waiting = {
        enter: () => {
          timer.clear();
          resolve();
        },
        refuse: (error: SqlError) => {
          timer.clear();
          reject(error);
        },
      };
      const timer = startPatientTimer(() => {
        this.#line.delete(waiting);
        reject(new SqlError("lost", `MySQL: no connection was free for ${ms} ms`, 0));
      }, { ms });
      this.#line.add(waiting);
    });
  }

  /** Lets the next one in, in the place of one who leaves. */
  #leave(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#users--;
      return;
    }
    this.#line.delete(next);
    next.enter();
  }

  async #take(deadline: number): Promise<MysqlConnection> {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (!kept.isBroken) return kept;
    }
    const opened = await this.#open(deadline - performance.now());
    if (!this.#isClosed) return opened;
    await opened.close();
    throw closed();
  }

  async #open(ms: number): Promise<MysqlConnection> {
    try {
      return await this.#options.connect(ms);
    } catch (error) {
      throw sqlErrorOf(error, false);
    }
  }
}

function closed(): SqlError {
  return new SqlError("lost", "MySQL: the store is closed", 0);
}
