// A port that stays while the server behind it comes and goes.

export class Relay implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  /** The port behind; undefined: whoever comes is turned away. */
  target: number | undefined;

  constructor(target?: number) {
    this.target = target;
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends every connection, as a network does. */
  cut(): void {
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const pairs: Promise<void>[] = [];
    try {
      for (;;) pairs.push(this.#join(await this.#listener.accept()));
    } catch {
      await Promise.all(pairs);
    }
  }

  async #join(front: Deno.TcpConn): Promise<void> {
    this.#open.add(front);
    try {
      if (this.target === undefined) return;
      const back = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
      this.#open.add(back);
      await Promise.all([this.#pass(front, back), this.#pass(back, front)]);
    } catch {
      // Nobody behind.
    } finally {
      close(front);
    }
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
      }
    } catch {
      // Cut.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed before.
  }
}
