// The port for incoming connections: TCP, TLS, or memory. Knows no dialect.

import type { ByteStream } from "../../wire/stream/byte_stream.ts";

/** A connection that was accepted. */
export interface AcceptedConnection {
  readonly stream: ByteStream;
  /** The peer's IP address, without its port; limits by address count by it. */
  readonly address: string;
  /** Whether the peer is on the server's own machine and exempt from limits by address. */
  readonly isLocal: boolean;
  /** Whether the peer is this process itself: then no limit of connections holds. */
  readonly isInternal?: boolean;
}

export type Endpoint = EndpointOf<AcceptedConnection>;

/** An endpoint whose connections are of a kind. */
export interface EndpointOf<C extends AcceptedConnection> {
  /**
   * Resolves with the next connection. Must not wait for anything that the peer has to do, such as a
   * TLS handshake: a handshake that fails rejects the first read of the stream (`InvalidData`).
   * Rejects when the endpoint is closed, and when a connection cannot be accepted (no descriptors):
   * then it can be called again.
   */
  accept(): Promise<C>;
  /** Stops accepting; connections that were accepted stay open. */
  close(): void;
}
