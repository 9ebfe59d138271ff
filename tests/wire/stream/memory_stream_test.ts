import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";
import { memoryStreams } from "../../../lib/wire/stream/memory_stream.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function readText(stream: ByteStream, bytes = 100): Promise<string | null> {
  const buffer = new Uint8Array(bytes);
  const length = await stream.read(buffer);
  return length === null ? null : decoder.decode(buffer.subarray(0, length));
}

/** Whether a promise is settled when everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
}

Deno.test("memory stream: each end reads what the other has written", async () => {
  const [here, there] = memoryStreams();
  assertEquals(await here.write(encoder.encode("ping")), 4);
  assertEquals(await there.write(encoder.encode("pong")), 4);
  assertEquals(await readText(there), "ping");
  assertEquals(await readText(here), "pong");
});

Deno.test("memory stream: a read waits for a write, and gives what there is", async () => {
  const [here, there] = memoryStreams();
  const reading = readText(there, 3);
  assertEquals(await isSettled(reading), false);
  await here.write(encoder.encode("hello"));
  assertEquals(await reading, "hel");
  assertEquals(await readText(there, 3), "lo");
});

Deno.test("memory stream: a full buffer makes writes short, then makes them wait", async () => {
  const [here, there] = memoryStreams({ bufferBytes: 4 });
  assertEquals(await here.write(encoder.encode("hello")), 4);
  const writing = here.write(encoder.encode("o"));
  assertEquals(await isSettled(writing), false);
  assertEquals(await readText(there), "hell");
  assertEquals(await writing, 1);
});

Deno.test("memory stream: reads and writes are as small as is asked", async () => {
  const [here, there] = memoryStreams({ readBytes: 2, writeBytes: 3 });
  assertEquals(await here.write(encoder.encode("hello")), 3);
  assertEquals([await readText(there), await readText(there)], ["he", "l"]);
});

Deno.test("memory stream: an ended side is read to its end and takes no more", async () => {
  const [here, there] = memoryStreams();
  await here.write(encoder.encode("last"));
  await here.closeWrite();
  assertEquals([await readText(there), await readText(there)], ["last", null]);
  await assertRejects(() => here.write(encoder.encode("x")), Deno.errors.BrokenPipe);
  assertEquals(await there.write(encoder.encode("still heard")), 11);
  assertEquals(await readText(here), "still heard");
});

Deno.test("memory stream: closing rejects what is pending here and ends the other end", async () => {
  const [here, there] = memoryStreams();
  const reading = here.read(new Uint8Array(1));
  here.close();
  await assertRejects(() => reading, Deno.errors.BadResource);
  assertEquals(await readText(there), null);
  await assertRejects(() => there.write(encoder.encode("x")), Deno.errors.BrokenPipe);
  await assertRejects(() => here.write(encoder.encode("x")), Deno.errors.BadResource);
  assertThrows(() => here.close(), Deno.errors.BadResource);
});

Deno.test("memory stream: closing rejects a write that waits, on either end", async () => {
  for (const closes of ["writer", "reader"] as const) {
    const [writer, reader] = memoryStreams({ bufferBytes: 1 });
    await writer.write(encoder.encode("x"));
    const writing = writer.write(encoder.encode("y"));
    (closes === "writer" ? writer : reader).close();
    await assertRejects(
      () => writing,
      closes === "writer" ? Deno.errors.BadResource : Deno.errors.BrokenPipe,
    );
  }
});
