import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientCodec, encodeFrame, ServerCodec } from "../../../lib/wire/codec.ts";
import {
  Connection,
  type ConnectionOptions,
  QueueBudget,
} from "../../../lib/wire/stream/connection.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { memoryStreams } from "../../../lib/wire/stream/memory_stream.ts";
import type { Inbound } from "../../../lib/wire/request.ts";
import { ScriptedStream, turn } from "./scripted_stream.ts";

const MAX_FRAME = 65_536;
const PING = encodeFrame({ type: "ping" });
const BYE: ServerFrame = { type: "bye", code: "slow", message: "Too slow", reconnect: true };
/** A round hundred bytes, as one line. */
const LINE = new TextEncoder().encode("x".repeat(99) + "\n");

const OPTIONS: ConnectionOptions = {
  maxQueueBytes: 1_000,
  clock: { monotonic: () => 0 },
  flushMs: 5_000,
  lingerMs: 5_000,
};

type ServerEnd = Connection<Inbound, ServerFrame>;
type ClientEnd = Connection<ServerFrame, ClientFrame>;

/** A server's end on a scripted stream. */
function setUp(options: Partial<ConnectionOptions> = {}): {
  stream: ScriptedStream;
  connection: ServerEnd;
} {
  const stream = new ScriptedStream();
  const codec = new ServerCodec(MAX_FRAME);
  return { stream, connection: new Connection(stream, codec, { ...OPTIONS, ...options }) };
}

/** Both ends, joined in memory. */
function joined(): { server: ServerEnd; client: ClientEnd } {
  const [here, there] = memoryStreams({ bufferBytes: 300, writeBytes: 70, readBytes: 50 });
  return {
    server: new Connection(here, new ServerCodec(MAX_FRAME), OPTIONS),
    client: new Connection(there, new ClientCodec(MAX_FRAME), OPTIONS),
  };
}

/** All frames until the end. */
async function collect<T>(connection: { incoming: AsyncIterable<Iterable<T>> }): Promise<T[]> {
  const all: T[] = [];
  for await (const frames of connection.incoming) all.push(...frames);
  return all;
}

async function isEnded(connection: { ended: Promise<void> }): Promise<boolean> {
  let ended = false;
  connection.ended.then(() => ended = true);
  await turn();
  return ended;
}

Deno.test("connection: what one end sends the other receives, in order", async () => {
  const { server, client } = joined();
  const requests: unknown[] = [];
  const serving = (async () => {
    for await (const frames of server.incoming) {
      for (const inbound of frames) {
        requests.push(inbound.id);
        server.send({ type: "pong", time: 1, re: inbound.id });
      }
    }
    await server.close();
  })();
  for (let id = 0; id < 20; id++) client.send({ type: "ping", id });
  const replies: unknown[] = [];
  for await (const frames of client.incoming) {
    for (const frame of frames) replies.push(frame.re);
    if (replies.length === 20) void client.close();
  }
  await Promise.all([serving, client.ended, server.ended]);
  const ids = Array.from({ length: 20 }, (_, id) => id);
  assertEquals([requests, replies], [ids, ids]);
});

Deno.test("connection: nothing is read before the consumer asks", async () => {
  const { stream, connection } = setUp();
  await turn();
  assertEquals(stream.isReading, false);
  const incoming = connection.incoming[Symbol.asyncIterator]();
  const next = incoming.next();
  await stream.bring(PING);
  await next;
  await turn();
  assertEquals(stream.isReading, false);
  connection.abort();
});

Deno.test("connection: what was read before is decoded first and counted", async () => {
  const { stream, connection } = setUp({
    first: new TextEncoder().encode(encodeFrame({ type: "ping", id: "first" })),
  });
  assertEquals(connection.receivedBytes, 29);
  const collecting = collect(connection);
  await turn();
  await stream.bring(PING);
  await stream.bringEnd();
  assertEquals((await collecting).map(({ id }) => id), ["first", undefined]);
  assertEquals(connection.receivedBytes, 29 + PING.length);
  connection.abort();
});

Deno.test("connection: frames sent in one turn are one write", async () => {
  const { stream, connection } = setUp();
  connection.send({ type: "ping" });
  connection.send({ type: "ping" });
  await turn();
  assertEquals(stream.writes, [PING + PING]);
  connection.abort();
});

Deno.test("connection: delivering says when it starts a write", async () => {
  const { stream, connection } = setUp();
  assertEquals([connection.deliver(LINE), connection.deliver(LINE)], [true, false]);
  assertEquals([connection.queuedBytes, connection.writingSince], [200, 0]);
  await stream.take();
  await stream.take();
  assertEquals([connection.queuedBytes, connection.writingSince], [0, undefined]);
  connection.abort();
});

Deno.test("connection: the queue takes exactly what it may hold, what is in flight included", async () => {
  let overflows = 0;
  const { stream, connection } = setUp({ onOverflow: () => void overflows++ });
  for (let n = 0; n < 10; n++) connection.deliver(LINE);
  await turn();
  assertEquals([overflows, connection.queuedBytes], [0, 1_000]);
  connection.deliver(new Uint8Array(1));
  assertEquals(overflows, 0, "not from within the call");
  await turn();
  assertEquals(overflows, 1);
  assertEquals(stream.writes.length, 1);
  connection.abort();
});

Deno.test("connection: an idle stream takes a frame of any size", async () => {
  const { stream, connection } = setUp();
  assert(connection.deliver(new Uint8Array(5_000)));
  await stream.take();
  connection.send({ type: "error", code: "internal", message: "x".repeat(5_000) });
  await turn();
  assertEquals(stream.writes.length, 2);
  assertEquals(await isEnded(connection), false);
  connection.abort();
});

Deno.test("connection: a limit that was raised counts for the next frame", async () => {
  let overflows = 0;
  const { connection } = setUp({ maxQueueBytes: 100, onOverflow: () => void overflows++ });
  connection.deliver(LINE);
  connection.maxQueueBytes = 200;
  connection.deliver(LINE);
  await turn();
  assertEquals(overflows, 0);
  connection.abort();
});

Deno.test("connection: over the limit what waits is dropped, and a last frame still goes out whole", async () => {
  const budget = new QueueBudget(10_000);
  const closings: Promise<void>[] = [];
  const { stream, connection } = setUp({
    budget,
    onOverflow: () => void closings.push(connection.close(BYE)),
  });
  for (let n = 0; n < 20; n++) connection.deliver(LINE);
  connection.send({ type: "ping" });
  assertEquals([connection.queuedBytes, budget.used], [100, 100]);
  await stream.take(30);
  await stream.take();
  assertEquals(stream.writes.slice(2), [encodeFrame(BYE)]);
  await stream.take();
  assertEquals([closings.length, stream.isWriteEnded, budget.used], [1, true, 0]);
  await stream.bringEnd();
  await Promise.all(closings);
  assert(stream.isClosed);
});

Deno.test("connection: an overflow without a handler, or whose handler fails, ends it", async () => {
  const fail = (): void => {
    throw new Error("a mistake of the owner's");
  };
  for (const onOverflow of [undefined, fail]) {
    const { stream, connection } = setUp(onOverflow === undefined ? {} : { onOverflow });
    for (let n = 0; n < 11; n++) connection.deliver(LINE);
    await connection.ended;
    assert(stream.isClosed);
  }
});

Deno.test("connection: closing writes what is left and the last frame, then ends this side", async () => {
  const { stream, connection } = setUp();
  connection.deliver(LINE);
  connection.send({ type: "ping" });
  const closing = connection.close(BYE);
  connection.send({ type: "ping" });
  assertEquals(connection.deliver(LINE), false);
  await stream.take();
  assertEquals(stream.writes[1], PING + encodeFrame(BYE));
  assertEquals(stream.isWriteEnded, false);
  await stream.take(5);
  await stream.take();
  assertEquals([stream.isWriteEnded, stream.isClosed], [true, false]);
  await stream.bring("ignored\n");
  await stream.bringEnd();
  await closing;
  assertEquals(stream.isClosed, true);
});

Deno.test("connection: closing reads 64 KiB of a peer that still sends, no more", async () => {
  const { stream, connection } = setUp();
  const closing = connection.close();
  await turn();
  let received = 0;
  while (stream.isReading) {
    const size = stream.reads.at(-1) ?? 0;
    received += size;
    await stream.bring(new Uint8Array(size));
  }
  await closing;
  assertEquals(received, 65_536);
});

Deno.test("connection: closing after the peer's end reads no more", async () => {
  const { stream, connection } = setUp();
  const collecting = collect(connection);
  await stream.bringEnd();
  await collecting;
  const closing = connection.close(BYE);
  await turn();
  await stream.take();
  await closing;
  assertEquals(stream.reads.length, 1);
});

Deno.test("connection: closing ends the iteration, even one that waits for bytes", async () => {
  const { stream, connection } = setUp();
  const collecting = collect(connection);
  const closing = connection.close();
  await stream.bring(PING);
  assertEquals(await collecting, []);
  await stream.bringEnd();
  await closing;
});

Deno.test("connection: a peer that takes nothing is let go after the flush's time", async () => {
  const { stream, connection } = setUp({ flushMs: 5 });
  connection.deliver(LINE);
  await connection.close(BYE);
  assertEquals([stream.writes.length, stream.isWriteEnded, stream.isClosed], [1, false, true]);
  assertEquals(connection.queuedBytes, 0);
});

Deno.test("connection: a peer that never ends its side is let go after the linger's time", async () => {
  const { stream, connection } = setUp({ lingerMs: 5 });
  await connection.close();
  assertEquals([stream.isWriteEnded, stream.isClosed], [true, true]);
});

Deno.test("connection: a side that cannot be ended is closed all the same", async () => {
  const { stream, connection } = setUp();
  stream.failsCloseWrite = true;
  await connection.close();
  assert(stream.isClosed);
});

Deno.test("connection: aborting closes at once and resolves every wait", async () => {
  const budget = new QueueBudget(10_000);
  const { stream, connection } = setUp({ budget });
  const collecting = collect(connection);
  connection.deliver(LINE);
  connection.deliver(LINE);
  const waiting = connection.whenQueueBelow(1);
  connection.abort();
  assertEquals(stream.isClosed, true);
  await Promise.all([waiting, connection.ended, collecting]);
  assertEquals([connection.queuedBytes, budget.used, stream.writes.length], [0, 0, 1]);
});

Deno.test("connection: once aborted it reads no more", async () => {
  const { stream, connection } = setUp();
  connection.abort();
  assertEquals(await collect(connection), []);
  assertEquals(stream.reads, []);
});

Deno.test("connection: aborting cuts a close short", async () => {
  const { stream, connection } = setUp();
  connection.deliver(LINE);
  const closing = connection.close(BYE);
  connection.abort();
  await closing;
  assertEquals(stream.writes.length, 1);
});

Deno.test("connection: closing and aborting again changes nothing", async () => {
  const { stream, connection } = setUp();
  const closings = [connection.close(BYE), connection.close(BYE)];
  await turn();
  await stream.take();
  await stream.bringEnd();
  await Promise.all(closings);
  connection.abort();
  connection.abort();
  await connection.close(BYE);
  await connection.ended;
  assertEquals(stream.writes, [encodeFrame(BYE)]);
});

Deno.test("connection: a codec's error reaches the consumer, and the connection can still be closed", async () => {
  const stream = new ScriptedStream();
  const codec = {
    decode: (): never => {
      throw new Error("a mistake of the codec's");
    },
    encode: (frame: string): string => frame,
  };
  const connection = new Connection(stream, codec, OPTIONS);
  const collecting = assertRejects(() => collect(connection), Error, "a mistake");
  await stream.bring(PING);
  await collecting;
  const closing = connection.close("bye\n");
  await turn();
  await stream.take();
  await closing;
  assertEquals(stream.writes, ["bye\n"]);
});

Deno.test("connection: a failed read ends everything, quietly", async () => {
  const { stream, connection } = setUp();
  const collecting = collect(connection);
  connection.deliver(LINE);
  stream.failRead();
  assertEquals(await collecting, []);
  await connection.ended;
  assertEquals([stream.isClosed, connection.queuedBytes], [true, 0]);
});

Deno.test("connection: a failed write ends everything, quietly", async () => {
  const { stream, connection } = setUp();
  const collecting = collect(connection);
  connection.deliver(LINE);
  stream.failWrite();
  assertEquals(await collecting, []);
  await connection.ended;
  assert(stream.isClosed);
});

Deno.test("connection: what is sent after the end goes nowhere", async () => {
  const { stream, connection } = setUp();
  connection.abort();
  connection.send({ type: "ping" });
  assertEquals(connection.deliver(LINE), false);
  await turn();
  assertEquals([stream.writes, connection.queuedBytes], [[], 0]);
  await connection.whenQueueBelow(1);
});

Deno.test("connection: a stalled write is seen by its owner's clock and can be aborted", async () => {
  let now = 100;
  const { stream, connection } = setUp({ clock: { monotonic: () => now } });
  assertEquals(connection.writingSince, undefined);
  connection.deliver(LINE);
  now = 5_000;
  assertEquals(connection.writingSince, 100);
  await stream.take(1);
  assertEquals(connection.writingSince, 5_000);
  connection.abort();
  assertEquals(connection.writingSince, undefined);
});
