import { assertEquals } from "@std/assert";
import { connect } from "node:net";
import { AcceptLoop } from "../../../lib/server/endpoint/accept_loop.ts";
import type { AcceptedConnection } from "../../../lib/server/endpoint/endpoint.ts";
import { isLoopback, TcpEndpoint } from "../../../lib/server/endpoint/tcp_endpoint.ts";
import { DescriptorReserve } from "../../../lib/server/process/descriptor_reserve.ts";

/** Connects and resets, before the connection can have been accepted. */
function connectAndReset(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => socket.resetAndDestroy());
  socket.once("close", () => resolve());
  return promise;
}

Deno.test("accept loop: peers that reset before they are accepted delay no other", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  for (let n = 0; n < 20; n++) await connectAndReset(port);
  let exhausted = 0;
  const accepted = Promise.withResolvers<AcceptedConnection>();
  const loop = new AcceptLoop(new TcpEndpoint(listener, { loopback: "exempt" }), {
    onConnection: (connection) => accepted.resolve(connection),
    onExhausted: () => exhausted++,
    reserve: new DescriptorReserve(undefined),
  });
  using _client = await Deno.connect({ hostname: "127.0.0.1", port });
  const { stream, address, isLocal } = await accepted.promise;
  stream.close();
  assertEquals([exhausted, address, isLocal], [0, "127.0.0.1", true]);
  await loop.stop();
});

Deno.test("tcp endpoint: the server's own machine is local unless loopback is limited", async () => {
  assertEquals(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback), true);
  assertEquals(["192.0.2.1", "::2", "::ffff:192.0.2.1"].some(isLoopback), false);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = new TcpEndpoint(listener, { loopback: "limited" });
  using _client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const { stream, isLocal } = await endpoint.accept();
  stream.close();
  endpoint.close();
  assertEquals(isLocal, false);
});
