import { assertEquals } from "@std/assert";
import { connect } from "node:net";
import { Listener } from "../../lib/server/listener.ts";
import { DescriptorReserve } from "../../lib/server/process/descriptor_reserve.ts";

/** Connects and resets, before anybody can have accepted. */
function knockAndRun(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => socket.resetAndDestroy());
  socket.once("close", () => resolve());
  return promise;
}

Deno.test("listener: who resets a connection before it is accepted keeps nobody waiting", async () => {
  const listening = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listening.addr;
  for (let n = 0; n < 20; n++) await knockAndRun(port);
  let exhausted = 0;
  const accepted = Promise.withResolvers<Deno.TcpConn>();
  const listener = new Listener(listening, {
    onConnection: (connection) => accepted.resolve(connection),
    onExhausted: () => exhausted++,
    reserve: new DescriptorReserve(undefined),
  });
  using _client = await Deno.connect({ hostname: "127.0.0.1", port });
  using _connection = await accepted.promise;
  assertEquals(exhausted, 0);
  await listener.stop();
});
