import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { SocketStream } from "../../../lib/wire/stream/socket_stream.ts";
import { sendAndReset } from "../../faults/support/resetting.ts";
import { pause, within } from "../../support/waiting.ts";

interface Scene extends AsyncDisposable {
  readonly port: number;
  /** The next connection, as the server has it. */
  accept(): Promise<SocketStream>;
}

async function listen(): Promise<Scene> {
  const accepted: PromiseWithResolvers<Socket>[] = [Promise.withResolvers()];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    accepted.at(-1)?.resolve(socket);
    accepted.push(Promise.withResolvers());
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return {
    port: address.port,
    accept: async () =>
      new SocketStream(await (accepted[0] as PromiseWithResolvers<Socket>).promise),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

Deno.test("socket stream: a reader that waits stops the peer, and gets every byte in order", async () => {
  await using scene = await listen();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: scene.port });
  const stream = await scene.accept();
  const size = 32 * 1024 * 1024;
  let sent = 0;
  const sending = (async () => {
    const piece = Uint8Array.from({ length: 65_521 }, (_, at) => at % 251);
    // Each piece goes on where the last one has ended.
    while (sent < size) {
      const bytes = piece.subarray(sent % 251, Math.min(piece.length, sent % 251 + size - sent));
      sent += await conn.write(bytes);
    }
    await conn.closeWrite();
  })();
  const buffer = new Uint8Array(10_000);
  let received = await stream.read(buffer) ?? 0;
  // Until the buffers of the system are full.
  let before = -1;
  while (before !== sent) {
    before = sent;
    await pause(50);
  }
  assertLess(sent, size);
  for (let at = 0; at < received; at++) assertEquals(buffer[at], at % 251);
  for (;;) {
    const count = await within(10_000, stream.read(buffer), "no bytes");
    if (count === null) break;
    for (let at = 0; at < count; at++) {
      if (buffer[at] !== (received + at) % 251) throw new Error(`Byte ${received + at} is wrong`);
    }
    received += count;
  }
  await sending;
  assertEquals(received, size);
  stream.close();
});

Deno.test("socket stream: a reset and a close are ends of a connection, as the runtime names them", async () => {
  await using scene = await listen();
  const accepting = scene.accept();
  await sendAndReset({ hostname: "127.0.0.1", port: scene.port }, new Uint8Array([1]));
  const stream = await accepting;
  const buffer = new Uint8Array(8);
  await assertRejects(async () => {
    while (await stream.read(buffer) !== null);
  }, Deno.errors.ConnectionAborted);
  stream.close();
  await assertRejects(() => stream.write(buffer), Deno.errors.ConnectionAborted);
});
