// Ends connections by a reset, as a crashed machine or a hostile peer does: what Deno's own sockets
// cannot be told to do.

import { connect, type Socket } from "node:net";
import type { Address } from "./peer.ts";

/** Connects, sends the bytes, and resets the connection with whatever has been answered unread. */
export function sendAndReset({ hostname, port }: Address, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: Socket = connect(port, hostname);
  socket.once("connect", () => {
    socket.write(bytes, () => socket.resetAndDestroy());
  });
  // Reset by the other side first: that is an end, too.
  socket.once("error", (error: Error & { code?: string }) => {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
  });
  socket.once("close", () => resolve());
  return promise;
}
