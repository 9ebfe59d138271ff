import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { keepErrorListeners } from "../../lib/cluster/nats_socket_workaround.ts";

function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

/** A socket as the NATS client leaves it: connected, and without the listeners it added. */
async function abandon(listener: Deno.TcpListener): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(listener.addr.port, "127.0.0.1", () => {
    socket.removeAllListeners();
    resolve();
  });
  const accepted = await listener.accept();
  await promise;
  accepted.close();
  return socket;
}

Deno.test("nats sockets: those of this port keep a listener for errors, others are left alone", async () => {
  using nats = listen();
  using other = listen();
  const release = keepErrorListeners(nats.addr.port);
  const sockets = [await abandon(nats), await abandon(other)];
  release();
  sockets.push(await abandon(nats));
  assertEquals(sockets.map((socket) => socket.listenerCount("error")), [1, 0, 0]);
  for (const socket of sockets) {
    if (socket.closed) continue;
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.destroy();
    await closed;
  }
});
