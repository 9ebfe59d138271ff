// A network between a store and its MySQL server, on which answers and commits get lost when a test says so.

import { type Direction, type Passage, Relay } from "../clients/relay.ts";

/** What happens to the next COMMIT that passes. */
export type CommitFate =
  /** The server has it, and its answer is lost with the connection. */
  | "answer lost"
  /** The connection breaks before the server has it. */
  | "commit lost";

const COMMIT = new TextEncoder().encode("\x03COMMIT");

export class MysqlRelay implements AsyncDisposable {
  readonly #relay: Relay;
  readonly #port: number;
  /** The connections on which no answer passes any more. */
  readonly #withoutAnswer = new WeakSet<Passage>();
  #nextCommit: CommitFate | undefined;
  #thawed: Promise<void> = Promise.resolve();

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#port = port;
    this.#relay = new Relay({
      hostname: host,
      target: port,
      filter: async (bytes, where) => {
        await this.#thawed;
        return this.#passes(bytes, where);
      },
    });
  }

  get port(): number {
    return this.#relay.port;
  }

  loseNextCommit(fate: CommitFate): void {
    this.#nextCommit = fate;
  }

  /** Passes nothing on, in either direction, until the returned function is called. */
  freeze(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    return resolve;
  }

  /** Ends every connection and accepts no new ones until the returned function is called. */
  takeDown(): () => void {
    this.#relay.target = undefined;
    this.#relay.cut();
    return () => {
      this.#relay.target = this.#port;
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#relay[Symbol.asyncDispose]();
  }

  #passes(
    bytes: Uint8Array,
    { direction, passage }: { direction: Direction; passage: Passage },
  ): boolean {
    if (direction === "to client") return !this.#withoutAnswer.has(passage);
    if (this.#nextCommit === undefined || !includes(bytes, COMMIT)) return true;
    const fate = this.#nextCommit;
    this.#nextCommit = undefined;
    if (fate === "answer lost") this.#withoutAnswer.add(passage);
    return fate !== "commit lost";
  }
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}
