// A database's writer that fails on cue: each transaction takes the next step of a script, and what
// lies behind the script goes to the real writer.

import { SqlError, type Transaction, type Transactor } from "../../../lib/store/sql.ts";

/**
 * What happens to a transaction.
 * - `stored`: nothing; `held`: nothing, but not before `release`
 * - `unknown, stored` and `unknown, undone`: the answer to its commit is lost
 * - the others fail it as the database would, before it begins
 */
export type Step =
  | "stored"
  | "held"
  | "unknown, stored"
  | "unknown, undone"
  | "lost"
  | "conflict"
  | "locked"
  | "duplicate"
  | "full"
  | "refused";

export class ScriptedWriter implements Transactor {
  readonly #inner: Transactor;
  readonly #script: Step[];
  readonly #gate = Promise.withResolvers<void>();
  /** How many transactions were begun. */
  transactions = 0;

  constructor(inner: Transactor, script: readonly Step[] = []) {
    this.#inner = inner;
    this.#script = [...script];
  }

  /** Lets those that are held go on. */
  release(): void {
    this.#gate.resolve();
  }

  async transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    this.transactions++;
    const step = this.#script.shift() ?? "stored";
    switch (step) {
      case "held":
        await this.#gate.promise;
        return this.#inner.transaction(work);
      case "stored":
        return this.#inner.transaction(work);
      case "unknown, stored":
        await this.#inner.transaction(work);
        throw new SqlError("unknown", "scripted", 0);
      case "unknown, undone":
        throw await this.#undo(work);
      default:
        throw new SqlError(step, "scripted", 0);
    }
  }

  #undo<T>(work: (sql: Transaction) => Promise<T>): Promise<unknown> {
    const unknown = new SqlError("unknown", "scripted", 0);
    return this.#inner.transaction(async (sql) => {
      await work(sql);
      throw unknown;
    }).catch((error) => error);
  }
}
