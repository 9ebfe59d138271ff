import { assert, assertEquals } from "@std/assert";
import { memoryStreams } from "../../../lib/wire/stream/memory_stream.ts";
import { QueueBudget, WriteQueue } from "../../../lib/wire/stream/write_queue.ts";
import { Random } from "../../support/random.ts";
import { ScriptedStream, turn } from "./scripted_stream.ts";

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

/** An owner whom nothing concerns. */
const NOBODY = { abort: (): void => {} };

/** A queue on a scripted stream, with a clock that stands and an owner that counts. */
function setUp(): {
  stream: ScriptedStream;
  queue: WriteQueue;
  budget: QueueBudget;
  clock: { now: number };
  owner: { aborts: number; abort(): void };
} {
  const stream = new ScriptedStream();
  const budget = new QueueBudget(1_000);
  const clock = { now: 0 };
  const owner = {
    aborts: 0,
    abort(): void {
      owner.aborts++;
      queue.discard();
    },
  };
  const queue = new WriteQueue(stream, { clock: { monotonic: () => clock.now }, budget, owner });
  return { stream, queue, budget, clock, owner };
}

Deno.test("write queue: an idle stream is written to at once", () => {
  const { stream, queue } = setUp();
  assertEquals(queue.push(bytes("one\n")), true);
  assertEquals(stream.writes, ["one\n"]);
});

Deno.test("write queue: one write is in flight, what waits goes into the next as one", async () => {
  const { stream, queue } = setUp();
  queue.push(bytes("one\n"));
  assertEquals(queue.push(bytes("two\n")), false);
  assertEquals(queue.push(bytes("three\n")), false);
  assertEquals(stream.writes, ["one\n"]);
  await stream.take();
  assertEquals(stream.writes, ["one\n", "two\nthree\n"]);
  await stream.take();
  assertEquals(stream.isWriting, false);
  assertEquals(queue.push(bytes("four\n")), true);
});

Deno.test("write queue: shared bytes are neither changed nor copied when they go alone", async () => {
  const shared = bytes("one\n");
  let written: Uint8Array | undefined;
  const stream = new ScriptedStream();
  const write = stream.write.bind(stream);
  stream.write = (given) => {
    written = given;
    return write(given);
  };
  const queue = new WriteQueue(stream, { clock: { monotonic: () => 0 }, owner: NOBODY });
  queue.push(bytes("zero\n"));
  queue.push(shared);
  await stream.take();
  assert(written === shared);
});

Deno.test("write queue: a short write goes on where it stopped, before anything else", async () => {
  const { stream, queue } = setUp();
  queue.push(bytes("abcdef\n"));
  queue.push(bytes("next\n"));
  await stream.take(2);
  await stream.take(1);
  assertEquals(stream.writes, ["abcdef\n", "cdef\n", "def\n"]);
  await stream.take();
  assertEquals(stream.writes.at(-1), "next\n");
});

Deno.test("write queue: lines queued in one turn are one write at its end", async () => {
  const { stream, queue } = setUp();
  queue.enqueueText("one\n");
  queue.enqueueText("zwölf\n");
  assertEquals(stream.writes, []);
  await turn();
  assertEquals(stream.writes, ["one\nzwölf\n"]);
  queue.enqueueText("three\n");
  await turn();
  queue.enqueueText("four\n");
  await stream.take();
  assertEquals(stream.writes, ["one\nzwölf\n", "three\nfour\n"]);
});

Deno.test("write queue: lines and bytes keep their order", async () => {
  const { stream, queue } = setUp();
  queue.enqueueText("1");
  assertEquals(queue.push(bytes("2")), false);
  queue.enqueueText("3");
  queue.enqueueText("4");
  queue.push(bytes("5"));
  await turn();
  queue.enqueueText("6");
  queue.push(bytes("7"));
  await stream.take();
  assertEquals(stream.writes, ["12345", "67"]);
});

Deno.test("write queue: bytes of two senders never interleave, however short the writes (random)", async () => {
  const random = new Random(7);
  const [here, there] = memoryStreams({ bufferBytes: 50, writeBytes: 7, readBytes: 11 });
  const queue = new WriteQueue(here, { clock: { monotonic: () => 0 }, owner: NOBODY });
  const posted: string[] = [];
  for (const who of ["ada", "bob"]) {
    for (let n = 0; n < 100; n++) posted.push(`${who} ${n} ${"x".repeat(random.below(30))}\n`);
  }
  const reading = readAll(there);
  for (const line of posted) {
    if (random.below(2) === 0) queue.enqueueText(line);
    else queue.push(bytes(line));
    if (random.below(4) === 0) await turn();
  }
  await queue.whenBelow(1);
  await here.closeWrite();
  assertEquals(await reading, posted.join(""));
});

async function readAll(
  stream: { read(into: Uint8Array): Promise<number | null> },
): Promise<string> {
  const buffer = new Uint8Array(64);
  const decoder = new TextDecoder();
  let text = "";
  for (
    let length = await stream.read(buffer);
    length !== null;
    length = await stream.read(buffer)
  ) {
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return text;
}

Deno.test("write queue: a long queue is merged in portions, each byte copied once", async () => {
  const { stream, queue } = setUp();
  const line = bytes("x".repeat(1_023) + "\n");
  queue.push(bytes("first\n"));
  for (let n = 0; n < 1_024; n++) queue.push(line);
  const sizes: number[] = [];
  while (stream.isWriting) {
    await stream.take();
    if (stream.isWriting) sizes.push(stream.writes.at(-1)?.length ?? 0);
  }
  assertEquals(sizes, Array.from({ length: 8 }, () => 128 * 1024));
});

Deno.test("write queue: a line larger than a portion goes alone and whole", async () => {
  const { stream, queue } = setUp();
  queue.push(bytes("first\n"));
  queue.push(bytes("a\n"));
  queue.push(bytes("x".repeat(200_000)));
  queue.push(bytes("b\n"));
  for (let n = 0; n < 4; n++) await stream.take();
  assertEquals(stream.writes.map((text) => text.length), [6, 2, 200_000, 2]);
});

Deno.test("write queue: bytes are counted until they are written, here and in the budget", async () => {
  const { stream, queue, budget } = setUp();
  const counts = (): readonly number[] => [queue.bytes, budget.used];
  queue.push(bytes("12345"));
  assertEquals(counts(), [5, 5]);
  queue.push(bytes("678"));
  queue.enqueueText("é");
  assertEquals(counts(), [9, 9]);
  await turn();
  assertEquals(counts(), [10, 10]);
  await stream.take(2);
  assertEquals(counts(), [8, 8]);
  await stream.take(3);
  assertEquals(counts(), [5, 5]);
  await stream.take();
  assertEquals(counts(), [0, 0]);
});

Deno.test("write queue: a budget is over when all queues together hold more", () => {
  const { queue, budget } = setUp();
  const other = new WriteQueue(new ScriptedStream(), {
    clock: { monotonic: () => 0 },
    budget,
    owner: NOBODY,
  });
  queue.push(new Uint8Array(600));
  other.push(new Uint8Array(400));
  assertEquals([budget.used, budget.isOver], [1_000, false]);
  other.push(new Uint8Array(1));
  assertEquals([budget.used, budget.isOver], [1_001, true]);
  other.discard();
  assertEquals([budget.used, budget.isOver], [600, false]);
});

Deno.test("write queue: what waits can be dropped; what is in flight is still written whole", async () => {
  const { stream, queue, budget } = setUp();
  queue.push(bytes("in flight\n"));
  queue.push(bytes("waits\n"));
  queue.enqueueText("said\n");
  queue.dropWaiting();
  assertEquals([queue.bytes, budget.used], [10, 10]);
  queue.enqueueText("bye\n");
  await stream.take(4);
  await stream.take();
  assertEquals(stream.writes, ["in flight\n", "light\n", "bye\n"]);
  await stream.take();
  assertEquals([queue.bytes, budget.used], [0, 0]);
});

Deno.test("write queue: once discarded it holds nothing and takes nothing", async () => {
  const { stream, queue, budget, owner } = setUp();
  queue.push(bytes("in flight\n"));
  queue.push(bytes("waits\n"));
  queue.enqueueText("said\n");
  queue.discard();
  assertEquals(queue.push(bytes("more\n")), false);
  queue.enqueueText("more\n");
  assertEquals([queue.bytes, budget.used], [0, 0]);
  await stream.take();
  assertEquals(stream.writes, ["in flight\n"]);
  assertEquals([queue.bytes, budget.used, owner.aborts], [0, 0, 0]);
});

Deno.test("write queue: a failed write aborts the owner, once", async () => {
  const { stream, queue, budget, owner } = setUp();
  queue.push(bytes("one\n"));
  queue.push(bytes("two\n"));
  stream.failWrite();
  await turn();
  assertEquals([owner.aborts, queue.bytes, budget.used], [1, 0, 0]);
});

Deno.test("write queue: a wait for space resolves when there is space, and not before", async () => {
  const { stream, queue } = setUp();
  const woken: string[] = [];
  queue.push(bytes("12345"));
  queue.push(bytes("678"));
  queue.whenBelow(9).then(() => woken.push("9"));
  queue.whenBelow(8).then(() => woken.push("8"));
  queue.whenBelow(1).then(() => woken.push("1"));
  await turn();
  assertEquals(woken, ["9"]);
  await stream.take(1);
  assertEquals(woken, ["9", "8"]);
  await stream.take();
  assertEquals(woken, ["9", "8"]);
  await stream.take();
  assertEquals(woken, ["9", "8", "1"]);
});

Deno.test("write queue: a wait for space resolves when all is discarded", async () => {
  const { queue } = setUp();
  queue.push(bytes("12345"));
  const waiting = queue.whenBelow(1);
  queue.discard();
  await waiting;
  await queue.whenBelow(1);
});

Deno.test("write queue: a stall is measured from the last progress", async () => {
  const { stream, queue, clock } = setUp();
  assertEquals(queue.stalledSince, undefined);
  clock.now = 5;
  queue.push(bytes("12345"));
  clock.now = 7;
  queue.push(bytes("678"));
  assertEquals(queue.stalledSince, 5);
  clock.now = 9;
  await stream.take(1);
  assertEquals(queue.stalledSince, 9);
  clock.now = 11;
  await stream.take();
  assertEquals(queue.stalledSince, 11);
  await stream.take();
  assertEquals(queue.stalledSince, undefined);
});

Deno.test("write queue: of the lines that wait some are dropped, what is in flight is written", async () => {
  const { stream, queue, budget } = setUp();
  queue.push(bytes("drop 1\n"));
  const shared = bytes("drop 2\nkeep 3\n");
  queue.push(shared);
  queue.enqueueText("keep 4\n");
  queue.push(bytes("drop 5\n"));
  queue.filterWaiting((line) => !line.startsWith("drop"));
  assertEquals(queue.bytes, "drop 1\nkeep 3\nkeep 4\n".length);
  assertEquals(budget.used, queue.bytes);
  assertEquals(new TextDecoder().decode(shared), "drop 2\nkeep 3\n");
  await stream.take();
  assertEquals(stream.writes, ["drop 1\n", "keep 3\nkeep 4\n"]);
  await stream.take();
  assertEquals([queue.bytes, budget.used], [0, 0]);
});

Deno.test("write queue: when all that waits is dropped, the stream is idle after the write", async () => {
  const { stream, queue } = setUp();
  queue.push(bytes("one\n"));
  queue.push(bytes("two\n"));
  queue.filterWaiting(() => false);
  await stream.take();
  assertEquals(stream.writes, ["one\n"]);
  assertEquals(queue.push(bytes("three\n")), true);
});
