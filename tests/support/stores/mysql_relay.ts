// A network between a store and its MySQL server, on which answers and commits get lost on cue.

/** What happens to the next COMMIT that passes. */
export type CommitFate =
  /** The server has it, and its answer is lost with the connection. */
  | "answer lost"
  /** The connection breaks before the server has it. */
  | "commit lost";

const COMMIT = new TextEncoder().encode("\x03COMMIT");

export class MysqlRelay implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: { readonly host: string; readonly port: number };
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  #nextCommit: CommitFate | undefined;
  #thawed: Promise<void> = Promise.resolve();
  #isDown = false;

  constructor(server: { readonly host: string; readonly port: number }) {
    this.#server = server;
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  loseNextCommit(fate: CommitFate): void {
    this.#nextCommit = fate;
  }

  /** Passes nothing on, in either direction, until what is returned is called. */
  freeze(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    return resolve;
  }

  /** Ends every connection and takes no new ones until what is returned is called. */
  takeDown(): () => void {
    this.#isDown = true;
    this.#cut();
    return () => {
      this.#isDown = false;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#cut();
    await this.#serving;
  }

  #cut(): void {
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  async #serve(): Promise<void> {
    const pairs: Promise<void>[] = [];
    try {
      for (;;) pairs.push(this.#join(await this.#listener.accept()));
    } catch {
      await Promise.all(pairs);
    }
  }

  async #join(store: Deno.TcpConn): Promise<void> {
    if (this.#isDown) return close(store);
    const { host, port } = this.#server;
    const server = await Deno.connect({ hostname: host, port });
    const pair = { store, server, answerIsLost: false };
    this.#open.add(store).add(server);
    await Promise.all([this.#carry(pair, "to server"), this.#carry(pair, "to store")]);
    for (const connection of [store, server]) {
      close(connection);
      this.#open.delete(connection);
    }
  }

  async #carry(
    pair: { store: Deno.TcpConn; server: Deno.TcpConn; answerIsLost: boolean },
    direction: "to server" | "to store",
  ): Promise<void> {
    const { store, server } = pair;
    const [from, to] = direction === "to server" ? [store, server] : [server, store];
    const buffer = new Uint8Array(65_536);
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        await this.#thawed;
        const bytes = buffer.subarray(0, length);
        if (direction === "to store" && pair.answerIsLost) break;
        if (direction === "to server" && this.#nextCommit && includes(bytes, COMMIT)) {
          const fate = this.#nextCommit;
          this.#nextCommit = undefined;
          if (fate === "commit lost") break;
          pair.answerIsLost = true;
        }
        for (let at = 0; at < length;) at += await to.write(bytes.subarray(at));
      }
    } catch {
      // The other end has gone.
    }
    close(store);
    close(server);
  }
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
