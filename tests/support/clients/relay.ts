// A port that stays while the server behind it comes and goes. A filter may look at what passes, and lose it.

export type Direction = "to server" | "to client";

/** A client's connection, and the relay's own to the server. */
export interface Passage {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
}

export interface RelayOptions {
  readonly hostname?: string;
  /** The port behind; undefined: connections are closed at once. */
  readonly target?: number | undefined;
  /** Called with all that passes; false loses it, and ends the connection. */
  readonly filter?: (
    bytes: Uint8Array,
    where: { readonly direction: Direction; readonly passage: Passage },
  ) => boolean | Promise<boolean>;
}

export class Relay implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #options: RelayOptions;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  /** The port behind; undefined: connections are closed at once. */
  target: number | undefined;

  constructor(options: RelayOptions = {}) {
    this.#options = options;
    this.target = options.target;
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
    const passages: Promise<void>[] = [];
    try {
      for (;;) passages.push(this.#connect(await this.#listener.accept()));
    } catch {
      await Promise.all(passages);
    }
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    const { hostname = "127.0.0.1" } = this.#options;
    this.#open.add(client);
    try {
      if (this.target === undefined) return;
      const server = await Deno.connect({ hostname, port: this.target });
      this.#open.add(server);
      const passage = { client, server };
      await Promise.all([this.#pass(passage, "to server"), this.#pass(passage, "to client")]);
      this.#open.delete(server);
    } catch {
      // No server behind.
    } finally {
      close(client);
      this.#open.delete(client);
    }
  }

  async #pass(passage: Passage, direction: Direction): Promise<void> {
    const { client, server } = passage;
    const [from, to] = direction === "to server" ? [client, server] : [server, client];
    const buffer = new Uint8Array(65_536);
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        const bytes = buffer.subarray(0, length);
        if (!await (this.#options.filter?.(bytes, { direction, passage }) ?? true)) break;
        for (let at = 0; at < length;) at += await to.write(bytes.subarray(at));
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
