// The connection on real sockets: what the kernel does with short writes, ends and resets.

import { assert, assertEquals } from "@std/assert";
import { ClientCodec, encodeFrame, ServerCodec } from "../../../lib/wire/codec.ts";
import { RUNTIME_TIMERS } from "../../../lib/time.ts";
import { Connection, type ConnectionOptions } from "../../../lib/wire/stream/connection.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import type { Inbound } from "../../../lib/wire/request.ts";

const MAX_FRAME = 65_536;
const MIB = 1024 * 1024;
const BYE: ServerFrame = { type: "bye", code: "slow", message: "Too slow", reconnect: true };
const OPTIONS: ConnectionOptions = { maxQueueBytes: MIB, clock: RUNTIME_TIMERS };
const encoder = new TextEncoder();

/** A server's end as a connection, its peer as a bare socket. */
async function connect(
  options: Partial<ConnectionOptions> = {},
): Promise<{ server: Connection<Inbound, ServerFrame>; peer: Deno.TcpConn }> {
  const { server, peer } = await sockets();
  const codec = new ServerCodec(MAX_FRAME);
  return { server: new Connection(server, codec, { ...OPTIONS, ...options }), peer };
}

async function sockets(): Promise<{ server: Deno.TcpConn; peer: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [server, peer] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname, port }),
  ]);
  return { server, peer };
}

/** Everything the peer is sent until the end. @throws when the connection is reset */
async function readAll(peer: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  let text = "";
  for (let length = await peer.read(buffer); length !== null; length = await peer.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return text;
}

function event(seq: number, length: number): string {
  const content = String.fromCharCode(0x61 + seq % 26).repeat(length);
  const frame = { room: "ops", seq, user: 1, from: "ada", time: 1, content } as const;
  return encodeFrame({ type: "message", ...frame });
}

Deno.test("connection on TCP: both ends as connections, 1,000 requests answered in order", async () => {
  const { server: here, peer: there } = await sockets();
  const server = new Connection(here, new ServerCodec(MAX_FRAME), OPTIONS);
  const client = new Connection<ServerFrame, ClientFrame>(
    there,
    new ClientCodec(MAX_FRAME),
    OPTIONS,
  );
  const serving = (async () => {
    for await (const frames of server.incoming) {
      for (const inbound of frames) server.send({ type: "pong", time: 1, re: inbound.id });
    }
    await server.close();
  })();
  for (let id = 0; id < 1_000; id++) client.send({ type: "ping", id });
  const replies: unknown[] = [];
  for await (const frames of client.incoming) {
    for (const frame of frames) replies.push(frame.re);
    if (replies.length === 1_000) void client.close();
  }
  await Promise.all([serving, client.ended]);
  assertEquals(replies, Array.from({ length: 1_000 }, (_, id) => id));
});

Deno.test("connection on TCP: 16 MiB to a reader that starts late arrive whole and in order", async () => {
  const { server, peer } = await connect({ maxQueueBytes: 32 * MIB });
  const events = Array.from({ length: 256 }, (_, seq) => event(seq, 64_000));
  for (const line of events) server.deliver(encoder.encode(line));
  assert(server.queuedBytes > 10 * MIB);
  const reading = readAll(peer);
  await server.whenQueueBelow(1);
  const closing = server.close(BYE);
  const lines = (await reading).split("\n");
  peer.close();
  await closing;
  assertEquals(lines.length, events.length + 2);
  for (const [seq, line] of events.entries()) {
    assert(lines[seq] + "\n" === line, `event ${seq}`);
  }
  assertEquals(lines.at(-2) + "\n", encodeFrame(BYE));
});

Deno.test("connection on TCP: a peer that reads nothing is overflowed, and let go", async () => {
  const closings: Promise<void>[] = [];
  const { server, peer } = await connect({
    flushMs: 50,
    onOverflow: () => void closings.push(server.close(BYE)),
  });
  // The kernel takes some MiB before the stall is felt; then the queue fills.
  for (let seq = 0; closings.length === 0 && seq < 1_000; seq++) {
    server.deliver(encoder.encode(event(seq, 60_000)));
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert(server.queuedBytes <= MIB);
  }
  assertEquals(closings.length, 1);
  assert(server.writingSince !== undefined);
  await Promise.all(closings);
  assertEquals(server.queuedBytes, 0);
  peer.close();
});

Deno.test("connection on TCP: once the stalled peer reads again it gets whole frames and the bye", async () => {
  const closings: Promise<void>[] = [];
  const { server, peer } = await connect({
    onOverflow: () => void closings.push(server.close(BYE)),
  });
  for (let seq = 0; closings.length === 0; seq++) {
    server.deliver(encoder.encode(event(seq, 60_000)));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const lines = (await readAll(peer)).split("\n");
  peer.close();
  await Promise.all(closings);
  assertEquals(lines.at(-2) + "\n", encodeFrame(BYE));
  for (const [seq, line] of lines.slice(0, -2).entries()) {
    assert(line + "\n" === event(seq, 60_000), `event ${seq}`);
  }
});

Deno.test("connection on TCP: the last frame survives what the peer had still to say", async () => {
  const { server, peer } = await connect();
  const unread = encoder.encode("x".repeat(32 * 1024));
  assertEquals(await peer.write(unread), unread.length);
  const closing = server.close(BYE);
  assertEquals(await readAll(peer), encodeFrame(BYE));
  peer.close();
  await closing;
});

Deno.test("connection on TCP: a peer that has ended its side is still answered", async () => {
  const { server, peer } = await connect();
  await peer.write(encoder.encode(encodeFrame({ type: "ping", id: 1 })));
  await peer.closeWrite();
  for await (const frames of server.incoming) {
    for (const inbound of frames) server.send({ type: "pong", time: 1, re: inbound.id });
  }
  const closing = server.close();
  assertEquals(await readAll(peer), encodeFrame({ type: "pong", time: 1, re: 1 }));
  peer.close();
  await closing;
});

Deno.test("connection on TCP: a peer that resets ends the connection, quietly", async () => {
  const { server, peer } = await connect();
  // Closing with unread input makes the kernel send a reset.
  server.send({ type: "ping" });
  await server.whenQueueBelow(1);
  peer.close();
  for await (const _ of server.incoming) assert(false, "nothing was sent");
  server.deliver(encoder.encode(event(1, 100)));
  await server.close(BYE);
  assertEquals(server.queuedBytes, 0);
});

Deno.test("connection on TCP: aborting interrupts a read and a write that are pending", async () => {
  const { server, peer } = await connect({ maxQueueBytes: 64 * MIB });
  const reading = (async () => {
    for await (const _ of server.incoming);
  })();
  server.deliver(new Uint8Array(32 * MIB));
  await new Promise((resolve) => setTimeout(resolve, 0));
  server.abort();
  await Promise.all([reading, server.ended, server.whenQueueBelow(1)]);
  peer.close();
});
