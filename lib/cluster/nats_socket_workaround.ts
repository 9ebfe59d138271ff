// The NATS client removes all listeners from its socket before it destroys it, and between the steps of
// connecting. An error that arrives then, such as a reset, has no listener: the runtime would throw it,
// as if it were a fault of this server. This keeps a listener on those sockets. Knows nothing else of
// NATS.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

/** Published by the runtime for every client socket, before it connects. */
const CHANNEL = "net.client.socket";

/**
 * From now on sockets that connect to this port keep a listener for errors; all others stay as they
 * are. @returns a function that ends this
 */
export function keepErrorListeners(port: number): () => void {
  const onSocket = (message: unknown) => {
    const { socket } = message as { readonly socket?: unknown };
    if (!(socket instanceof Socket)) return;
    // Runs before the client's own listener, which is added later and removes all.
    socket.once("connect", () => {
      if (socket.remotePort === port) keepErrorListener(socket);
    });
  };
  subscribe(CHANNEL, onSocket);
  return () => void unsubscribe(CHANNEL, onSocket);
}

function keepErrorListener(socket: Socket): void {
  const remove = socket.removeAllListeners;
  // The arguments as they are: no event is not the same as one that is undefined.
  socket.removeAllListeners = (...events) => {
    remove.apply(socket, events);
    socket.on("error", () => {});
    return socket;
  };
}
