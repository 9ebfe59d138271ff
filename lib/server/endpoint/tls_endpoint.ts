// Accepts TLS connections, TLS 1.2 and 1.3. A connection is accepted before its handshake, so that it counts
// as one before login. Knows no certificate files.

import type { AcceptedConnection, Endpoint } from "./endpoint.ts";
import type { SocketEndpoint } from "./socket_server.ts";
import { TlsStream, type TlsStreamOptions } from "./tls_stream.ts";

export class TlsEndpoint implements Endpoint {
  readonly #sockets: SocketEndpoint;
  readonly #options: TlsStreamOptions;

  /** Takes over where sockets arrive: `close` closes it. */
  constructor(sockets: SocketEndpoint, options: TlsStreamOptions) {
    this.#sockets = sockets;
    this.#options = options;
  }

  async accept(): Promise<AcceptedConnection> {
    const { stream, address, isLocal } = await this.#sockets.accept();
    return { stream: new TlsStream(stream, this.#options), address, isLocal };
  }

  close(): void {
    this.#sockets.close();
  }
}
