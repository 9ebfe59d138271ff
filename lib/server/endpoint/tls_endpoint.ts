// Accepts TLS connections, TLS 1.2 and 1.3. A connection is accepted before its handshake, so that it counts
// as one before login. Knows no certificate files.

import type { AcceptedConnection, Endpoint } from "./endpoint.ts";
import type { SocketEndpoint } from "./socket_server.ts";
import { TlsStream, type TlsStreamOptions } from "./tls_stream.ts";

export class TlsEndpoint implements Endpoint {
  readonly #sockets: SocketEndpoint;
  readonly #options: TlsStreamOptions;
  /** Those whose handshake is not done. */
  readonly #opening = new Set<TlsStream>();

  /** Takes over where sockets arrive: `close` closes it. */
  constructor(sockets: SocketEndpoint, options: TlsStreamOptions) {
    this.#sockets = sockets;
    this.#options = options;
  }

  async accept(): Promise<AcceptedConnection> {
    const { stream: raw, address, isLocal } = await this.#sockets.accept();
    const stream = new TlsStream(raw, this.#options);
    this.#opening.add(stream);
    void stream.opened.finally(() => this.#opening.delete(stream));
    return { stream, address, isLocal };
  }

  /** Ends handshakes, too: no frame could be sent to the peer before they are done. */
  close(): void {
    this.#sockets.close();
    for (const stream of this.#opening) stream.abort();
  }
}
