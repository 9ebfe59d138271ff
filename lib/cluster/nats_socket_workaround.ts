// Errors of sockets that their owner has let go of. The NATS client takes all its listeners from a
// socket before it destroys it; a reset that arrives in between is thrown at nobody, and would count
// as a bug of this server. Knows nothing of NATS.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

const CHANNEL = "net.client.socket";

/** From now on no socket throws that nobody listens to. @returns what ends this */
export function ignoreAbandonedSocketErrors(): () => void {
  subscribe(CHANNEL, guard);
  return () => void unsubscribe(CHANNEL, guard);
}

function guard(message: unknown): void {
  const { socket } = message as { readonly socket?: unknown };
  if (!(socket instanceof Socket)) return;
  const remove = socket.removeAllListeners;
  // Without an event it is told from one that is undefined.
  socket.removeAllListeners = (...events) => {
    remove.apply(socket, events);
    socket.on("error", () => {});
    return socket;
  };
}
