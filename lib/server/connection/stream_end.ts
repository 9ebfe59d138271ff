// The ends of a byte stream that are no fault of the server.

import type { ByteStream } from "../../wire/stream/byte_stream.ts";

/**
 * Whether this is an ordinary end of a connection: reset, closed or broken by the peer or by this
 * server, or a TLS handshake that failed (`InvalidData`, at the first read).
 */
export function isConnectionEnd(error: unknown): boolean {
  const { errors } = Deno;
  return [
    errors.ConnectionReset,
    errors.ConnectionAborted,
    errors.BrokenPipe,
    errors.BadResource,
    errors.Interrupted,
    errors.NotConnected,
    errors.TimedOut,
    errors.UnexpectedEof,
    errors.InvalidData,
  ].some((kind) => error instanceof kind);
}

export function closeQuietly(stream: ByteStream): void {
  try {
    stream.close();
  } catch {
    // Closed before, by the peer's end or by this server.
  }
}
