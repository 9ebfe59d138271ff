// Connections that wait to be accepted, for endpoints that get them by a callback.

import type { AcceptedConnection } from "./endpoint.ts";

export class AcceptQueue<C extends AcceptedConnection = AcceptedConnection> {
  readonly #waiting: C[] = [];
  #accepting: PromiseWithResolvers<C> | undefined;
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether an `accept` waits for a connection. */
  get isWaiting(): boolean {
    return this.#accepting !== undefined;
  }

  /** Adds a connection; closes it when the queue is closed. */
  push(connection: C): void {
    if (this.#isClosed) return connection.stream.close();
    if (this.#accepting === undefined) this.#waiting.push(connection);
    else this.#accepting.resolve(connection);
    this.#accepting = undefined;
  }

  /** Rejects the `accept` that waits, if one does. */
  fail(error: unknown): void {
    this.#accepting?.reject(error);
    this.#accepting = undefined;
  }

  /** The next connection; one call at a time. @throws {Deno.errors.BadResource} when closed */
  accept(): Promise<C> {
    if (this.#isClosed) return Promise.reject(closedError());
    const first = this.#waiting.shift();
    if (first !== undefined) return Promise.resolve(first);
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  /** Rejects the `accept` that waits, and closes what waits. @throws {Deno.errors.BadResource} when closed */
  close(): void {
    if (this.#isClosed) throw closedError();
    this.#isClosed = true;
    this.fail(closedError());
    for (const { stream } of this.#waiting.splice(0)) stream.close();
  }
}

function closedError(): Error {
  return new Deno.errors.BadResource("The endpoint is closed");
}
