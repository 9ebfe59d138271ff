// Accepts TCP connections.

import type { AcceptedConnection, Endpoint } from "./endpoint.ts";

/** Whether limits by address hold for connections from the server's own machine, too. */
export type LoopbackRule = "exempt" | "limited";

export class TcpEndpoint implements Endpoint {
  readonly #listener: Deno.TcpListener;
  readonly #loopback: LoopbackRule;

  /** Takes over an open listener: `close` closes it. */
  constructor(listener: Deno.TcpListener, options: { loopback: LoopbackRule }) {
    this.#listener = listener;
    this.#loopback = options.loopback;
  }

  async accept(): Promise<AcceptedConnection> {
    const connection = await this.#listener.accept();
    setOptions(connection);
    const address = connection.remoteAddr.hostname;
    const isLocal = this.#loopback === "exempt" && isLoopback(address);
    return { stream: connection, address, isLocal };
  }

  close(): void {
    this.#listener.close();
  }
}

/** Small writes are sent at once, and the system notices a peer that vanished. */
function setOptions(connection: Deno.TcpConn): void {
  try {
    connection.setNoDelay(true);
    connection.setKeepAlive(true);
  } catch {
    // The peer has reset the connection: the first read reports it.
  }
}

/** Whether the address is this machine's own: 127.0.0.0/8, ::1, and the former written as IPv6. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "::1";
}
