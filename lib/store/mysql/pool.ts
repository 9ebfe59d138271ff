// A pool of connections, opened when they are needed and kept. Each use has one deadline, which holds
// for waiting, connecting and working together. Where the server allows fewer connections, the pool
// works with those it has.

import { RUNTIME_TIMERS, startDeadline, type Timers } from "../../time.ts";
import type { MysqlConnection } from "./connection.ts";
import { sqlErrorOf } from "./errors.ts";
import { SqlError } from "../sql.ts";

/** What the pool needs of a connection. */
export type PooledConnection = Pick<MysqlConnection, "isBroken" | "close" | "destroy">;

interface MysqlPoolOptions<C extends PooledConnection> {
  /** The most connections. */
  readonly size: number;
  /** Opens one within so many milliseconds. */
  connect(ms: number): Promise<C>;
  /** Asks another pool of the same user for a connection, when this one can have none at all. */
  readonly onStarved?: (() => void) | undefined;
  readonly timers?: Timers | undefined;
}

/** The server allows no further connection, for this user or for all. */
const TOO_MANY: ReadonlySet<number> = new Set([1040, 1203, 1226]);
/** Milliseconds until another connection is tried after that; a free one is taken at once. */
const REFUSED_MS = { some: 1_000, none: 50 };

/** A caller that waits until it may use a connection. */
interface PendingCheckout {
  readonly enter: () => void;
  readonly refuse: (error: SqlError) => void;
}

export class MysqlPool<C extends PooledConnection = MysqlConnection> implements AsyncDisposable {
  readonly #options: MysqlPoolOptions<C>;
  readonly #timers: Timers;
  readonly #idle: C[] = [];
  readonly #busy = new Set<C>();
  /** First come, first served. */
  readonly #waiters = new Set<PendingCheckout>();
  /** Callers that may use a connection, but for which the server had none. */
  readonly #starved = new Set<(freed: C | undefined) => void>();
  readonly #closing = new Set<Promise<void>>();
  /** How many callers use a connection, or open one to use it. */
  #users = 0;
  /** When another connection may be tried, monotonic milliseconds. */
  #noConnectBefore = 0;
  /** Whether the next connection that is free is closed, for another pool. */
  #owesOne = false;
  #isClosed = false;

  constructor(options: MysqlPoolOptions<C>) {
    this.#options = options;
    this.#timers = options.timers ?? RUNTIME_TIMERS;
  }

  /**
   * Lends `work` a connection for at most `ms` from now. After that the connection is destroyed, so
   * that everything `work` waits for on it fails.
   *
   * @throws {SqlError} of kind `lost` when there is no connection in time
   */
  async use<T>(ms: number, work: (connection: C) => Promise<T>): Promise<T> {
    const deadline = this.#timers.monotonic() + ms;
    if (this.#users < this.#options.size && !this.#isClosed) this.#users++;
    else await this.#wait(ms);
    try {
      const connection = await this.#take(deadline);
      const timer = this.#startDeadline(
        () => void connection.destroy(),
        deadline - this.#timers.monotonic(),
      );
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

  /** Closes a connection, now or when it is free, so that another pool can have one. */
  giveOne(): void {
    const idle = this.#idle.pop();
    if (idle === undefined) this.#owesOne = this.#busy.size > 0;
    else this.#close(idle);
  }

  /** Ends all connections, also those in use. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { refuse } of this.#waiters) refuse(closed());
    this.#waiters.clear();
    for (const enter of this.#starved) enter(undefined);
    const idle = this.#idle.splice(0);
    await Promise.all([
      ...idle.map((connection) => connection.close()),
      ...Array.from(this.#busy, (connection) => connection.destroy()),
      ...this.#closing,
    ]);
  }

  #wait(ms: number): Promise<void> {
    if (this.#isClosed) throw closed();
    return new Promise((resolve, reject) => {
      const waiter = {
        enter: () => {
          timer.clear();
          resolve();
        },
        refuse: (error: SqlError) => {
          timer.clear();
          reject(error);
        },
      };
      const timer = this.#startDeadline(() => {
        this.#waiters.delete(waiter);
        reject(new SqlError("lost", `MySQL: no connection was free for ${ms} ms`, 0));
      }, ms);
      this.#waiters.add(waiter);
    });
  }

  /** Lets the next waiter in, in the place of a caller that is done. */
  #leave(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#users--;
      return;
    }
    this.#waiters.delete(next);
    next.enter();
  }

  async #take(deadline: number): Promise<C> {
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

  /** Undefined when the server allows no further connection, and there is time to wait for a free one. */
  async #openUnlessRefused(deadline: number): Promise<C | undefined> {
    const now = this.#timers.monotonic();
    if (now >= deadline) throw new SqlError("lost", "MySQL: no connection was free in time", 0);
    if (this.#busy.size > 0 && now < this.#noConnectBefore) return undefined;
    try {
      return await this.#open(deadline - this.#timers.monotonic());
    } catch (error) {
      const isTooMany = error instanceof SqlError && TOO_MANY.has(error.errno);
      if (!isTooMany || this.#timers.monotonic() >= deadline) throw error;
      this.#noConnectBefore = this.#timers.monotonic() + REFUSED_MS.some;
      return undefined;
    }
  }

  /** Waits for a connection that is returned; undefined when it is time to try to open one again. */
  #awaitFreed(deadline: number): Promise<C | undefined> {
    if (this.#busy.size === 0) this.#options.onStarved?.();
    const waitMs = this.#busy.size === 0 ? REFUSED_MS.none : REFUSED_MS.some;
    return new Promise((resolve) => {
      const enter = (freed: C | undefined) => {
        stop();
        this.#starved.delete(enter);
        resolve(freed);
      };
      const leftMs = Math.max(deadline - this.#timers.monotonic(), 0);
      const stop = this.#timers.start(() => enter(undefined), Math.min(waitMs, leftMs));
      this.#starved.add(enter);
    });
  }

  /** Hands a connection on, keeps it, or closes it when it is owed. */
  #free(connection: C): void {
    if (this.#owesOne) {
      this.#owesOne = false;
      return this.#close(connection);
    }
    const [starved] = this.#starved;
    if (starved === undefined) this.#idle.push(connection);
    else starved(connection);
  }

  #close(connection: C): void {
    const closing = connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #open(ms: number): Promise<C> {
    try {
      return await this.#options.connect(ms);
    } catch (error) {
      throw sqlErrorOf(error, false);
    }
  }

  #startDeadline(work: () => void, ms: number): { clear(): void } {
    return startDeadline(work, { ms, timers: this.#timers });
  }
}

function closed(): SqlError {
  return new SqlError("lost", "MySQL: the store is closed", 0);
}
