import { assertEquals } from "@std/assert";
import { FrameReader } from "../../../lib/wire/stream/frame_reader.ts";
import { LineSplitter } from "../../../lib/wire/lines.ts";
import { ScriptedStream, turn } from "./scripted_stream.ts";
import { pushChunk } from "./take_lines.ts";

type Items = AsyncIterator<Iterable<unknown>>;

/** What comes from a scripted stream, line by line. */
function setUp(first?: string): {
  stream: ScriptedStream;
  incoming: FrameReader<unknown>;
  clock: { now: number };
  owner: { aborts: number; abort(): void };
} {
  const stream = new ScriptedStream();
  const lines = new LineSplitter(65_536);
  const clock = { now: 0 };
  const owner = { aborts: 0, abort: (): void => void owner.aborts++ };
  const incoming = new FrameReader(stream, {
    codec: { decode: (chunk) => pushChunk(lines, chunk) },
    clock: { monotonic: () => clock.now },
    first: first === undefined ? undefined : new TextEncoder().encode(first),
    owner,
  });
  return { stream, incoming, clock, owner };
}

async function take(items: Items): Promise<unknown> {
  const { done, value } = await items.next();
  return done === true ? "end" : [...value];
}

Deno.test("incoming: nothing is read before it is asked for", async () => {
  const { stream, incoming } = setUp();
  await turn();
  assertEquals(stream.reads, []);
  const taking = take(incoming);
  assertEquals(stream.reads, [512]);
  await stream.bring("one\ntwo\nthr");
  assertEquals(await taking, ["one", "two"]);
  await turn();
  assertEquals(stream.isReading, false);
});

Deno.test("incoming: what was read before comes first, without a read", async () => {
  const { stream, incoming } = setUp("one\ntw");
  assertEquals(incoming.receivedBytes, 6);
  assertEquals(await take(incoming), ["one"]);
  assertEquals(stream.reads, []);
  const taking = take(incoming);
  await stream.bring("o\n");
  assertEquals(await taking, ["two"]);
  assertEquals(incoming.receivedBytes, 8);
});

Deno.test("incoming: ends when the peer has ended its side", async () => {
  const { stream, incoming, owner } = setUp();
  const taking = take(incoming);
  await stream.bringEnd();
  assertEquals(await taking, "end");
  assertEquals(owner.aborts, 0);
});

Deno.test("incoming: a failed read ends it and aborts the owner", async () => {
  const { stream, incoming, owner } = setUp();
  const taking = take(incoming);
  stream.failRead();
  assertEquals(await taking, "end");
  assertEquals(owner.aborts, 1);
});

Deno.test("incoming: once stopped it gives nothing, not even what a pending read brings", async () => {
  const { stream, incoming } = setUp();
  const taking = take(incoming);
  incoming.stop();
  await stream.bring("too late\n");
  assertEquals(await taking, "end");
  assertEquals(await take(incoming), "end");
  assertEquals(stream.reads.length, 1);
});

Deno.test("incoming: the last sign of life is the last byte, by the clock", async () => {
  const { stream, incoming, clock } = setUp();
  assertEquals(incoming.lastByteAt, 0);
  clock.now = 5;
  const taking = take(incoming);
  assertEquals(incoming.lastByteAt, 0);
  await stream.bring("\n");
  assertEquals(await taking, []);
  assertEquals(incoming.lastByteAt, 5);
});

/** The buffer sizes a peer gets that fills (or not) each of its reads so far. */
async function bufferSizes(lengths: readonly (number | "full")[]): Promise<readonly number[]> {
  const { stream, incoming } = setUp();
  for (const length of lengths) {
    const taking = take(incoming);
    const size = stream.reads.at(-1) ?? 0;
    await stream.bring(new Uint8Array(length === "full" ? size : length).fill(0x0a));
    await taking;
  }
  return stream.reads;
}

Deno.test("incoming: the buffer grows while it is filled, to 64 KiB", async () => {
  const sizes = await bufferSizes(Array.from({ length: 6 }, () => "full" as const));
  assertEquals(sizes, [512, 4096, 32768, 65536, 65536, 65536]);
});

Deno.test("incoming: the buffer stays small for a peer who says little", async () => {
  assertEquals(await bufferSizes([100, 511, 1, 300]), [512, 512, 512, 512]);
});

Deno.test("incoming: the buffer is small again after two small reads", async () => {
  const sizes = await bufferSizes(["full", "full", 9_000, 100, 600, 100, 100, 1]);
  assertEquals(sizes, [512, 4096, 32768, 32768, 32768, 32768, 32768, 512]);
});

Deno.test("incoming: drain reads up to so many bytes", async () => {
  const { stream, incoming } = setUp();
  incoming.stop();
  let isReceived = false;
  const receiving = incoming.drain(10).then(() => isReceived = true);
  await turn();
  await stream.bring("12345");
  await stream.bring("6789");
  assertEquals(isReceived, false);
  await stream.bring("0");
  assertEquals(isReceived, true);
  await receiving;
});

Deno.test("incoming: drain reads up to the peer's end, and then no more", async () => {
  const { stream, incoming } = setUp();
  incoming.stop();
  const receiving = incoming.drain(1_000);
  await turn();
  await stream.bring("12345");
  await stream.bringEnd();
  await receiving;
  await incoming.drain(1_000);
  assertEquals(stream.reads.length, 2);
});

Deno.test("incoming: drain begins with the read that is pending", async () => {
  const { stream, incoming, owner } = setUp();
  const taking = take(incoming);
  incoming.stop();
  const receiving = incoming.drain(4);
  await stream.bring("1234");
  assertEquals(await taking, "end");
  await receiving;
  assertEquals([stream.reads.length, owner.aborts], [1, 0]);
});
