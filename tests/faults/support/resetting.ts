// Ends connections by a reset, like a crashed machine or a hostile peer: Deno's sockets have no
// option for it.

import { connect, type Socket } from "node:net";
import type { Address } from "../../support/clients/peer.ts";

/** Something that is waited for comes within this time, or never. */
const PATIENCE_MS = 15_000;

/**
 * Connects, sends the bytes, and resets the connection with whatever has been answered unread; or, when
 * `behind` is given, once that text has been received. @throws when it is not received
 */
export function sendAndReset(
  { hostname, port }: Address,
  bytes: Uint8Array,
  { behind }: { readonly behind?: string } = {},
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: Socket = connect(port, hostname);
  socket.once("connect", () => {
    socket.write(bytes, () => {
      if (behind === undefined) socket.resetAndDestroy();
    });
  });
  if (behind !== undefined) {
    let text = "";
    const timer = setTimeout(() => {
      reject(new Error(`${behind} was not received, but ${text}`));
      socket.destroy();
    }, PATIENCE_MS);
    socket.on("data", (received: Uint8Array) => {
      text += new TextDecoder().decode(received);
      if (!text.includes(behind)) return;
      clearTimeout(timer);
      socket.resetAndDestroy();
    });
    socket.once("close", () => {
      clearTimeout(timer);
      if (!text.includes(behind)) reject(new Error(`Cut before ${behind}, behind ${text}`));
    });
  }
  // Reset by the other side first: that is an end, too.
  socket.once("error", (error: Error & { code?: string }) => {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
  });
  socket.once("close", () => resolve());
  return promise;
}
