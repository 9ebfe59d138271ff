// A few connections, opened when they are needed and kept, and the deadline of whoever uses one: it
// holds for waiting, connecting and working together. Where the server allows fewer, it makes do with them.

import { startDeadline } from "../../time.ts";
import type { MysqlConnection } from "./connection.ts";
import { sqlErrorOf } from "./errors.ts";
import { SqlError } from "../sql.ts";

export interface MysqlPoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** Opens one within so many milliseconds. */
  connect(ms: number): Promise<MysqlConnection>;
  /** Asks another pool of the same user for a connection, when this one can have none at all. */
  readonly onStarved?: (() => void) | undefined;
}

/** The server allows no more connections, of this user or of all. */
const TOO_MANY: ReadonlySet<number> = new Set([1040, 1203, 1226]);
/** Milliseconds until another connection is tried after that; a free one is taken at once. */
const REFUSED_MS = { some: 1_000, none: 50 };

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
  /** Those who have a place, and for whom the server had no connection. */
  readonly #starved = new Set<(freed: MysqlConnection | undefined) => void>();
  readonly #closing = new Set<Promise<void>>();
  /** How many use a connection, or open one to use it. */
  #users = 0;
  /** When another connection may be tried, on the monotonic clock. */
  #refusedUntil = 0;
  /** Whether the next connection that is free is closed, for another pool. */
  #owesOne = false;
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
      const timer = startDeadline(() => void connection.destroy(), left);
      this.#busy.add(connection);
      try {
        return await work(connection);
      } finally {
        timer.clear();
        this.#busy.delete(connection);
        if (!connection.isBroken) this.#free(connection);
      }
    } finally {
      this.#leave();
    }
  }

  /** Closes a connection, now or when it is free, so that somebody else can have one. */
  giveOne(): void {
    const idle = this.#idle.pop();
    if (idle === undefined) this.#owesOne = this.#busy.size > 0;
    else this.#close(idle);
  }

  /** Ends all connections, also those in use. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { refuse } of this.#line) refuse(closed());
    this.#line.clear();
    for (const enter of this.#starved) enter(undefined);
    const idle = this.#idle.splice(0);
    await Promise.all([
      ...idle.map((connection) => connection.close()),
      ...Array.from(this.#busy, (connection) => connection.destroy()),
      ...this.#closing,
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
      const timer = startDeadline(() => {
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
    for (;;) {
      for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
        if (!kept.isBroken) return kept;
      }
      const opened = await this.#openUnlessRefused(deadline);
      if (opened === undefined) {
        const freed = await this.#awaitFreed(deadline);
        if (freed !== undefined) return freed;
      } else if (!this.#isClosed) {
        return opened;
      } else {
        await opened.close();
      }
      if (this.#isClosed) throw closed();
    }
  }

  /** Undefined where the server allows no more connections, and there is time to wait for one. */
  async #openUnlessRefused(deadline: number): Promise<MysqlConnection | undefined> {
    const now = performance.now();
    if (now >= deadline) throw new SqlError("lost", "MySQL: no connection was free in time", 0);
    if (this.#busy.size > 0 && now < this.#refusedUntil) return undefined;
    try {
      return await this.#open(deadline - performance.now());
    } catch (error) {
      const isTooMany = error instanceof SqlError && TOO_MANY.has(error.errno);
      if (!isTooMany || performance.now() >= deadline) throw error;
      this.#refusedUntil = performance.now() + REFUSED_MS.some;
      return undefined;
    }
  }

  /** Waits for a connection that is given back; undefined when it is time to try to open one again. */
  #awaitFreed(deadline: number): Promise<MysqlConnection | undefined> {
    if (this.#busy.size === 0) this.#options.onStarved?.();
    const wait = this.#busy.size === 0 ? REFUSED_MS.none : REFUSED_MS.some;
    return new Promise((resolve) => {
      const enter = (freed: MysqlConnection | undefined) => {
        clearTimeout(timer);
        this.#starved.delete(enter);
        resolve(freed);
      };
      const left = Math.max(deadline - performance.now(), 0);
      const timer = setTimeout(() => enter(undefined), Math.min(wait, left));
      this.#starved.add(enter);
    });
  }

  /** Hands a connection on, keeps it, or closes it when it is owed. */
  #free(connection: MysqlConnection): void {
    if (this.#owesOne) {
      this.#owesOne = false;
      return this.#close(connection);
    }
    const [starved] = this.#starved;
    if (starved === undefined) this.#idle.push(connection);
    else starved(connection);
  }

  #close(connection: MysqlConnection): void {
    const closing = connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
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
