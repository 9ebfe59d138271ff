import { assert, assertEquals } from "@std/assert";
import { type OutputFailure, OutputQueue } from "../lib/output_queue.ts";
import { FakeOutputStream } from "./support/fakes/fake_output_stream.ts";

Deno.test("output queue: texts of one turn go out together, in order", async () => {
  const stream = new FakeOutputStream();
  const queue = new OutputQueue(stream, { maxBytes: 100 });
  for (const text of ["one\n", "", "two\n", "drei ü\n"]) assert(queue.push(text));
  assert(await queue.flush(1_000));
  assertEquals(stream.writes, ["one\ntwo\ndrei ü\n"]);
  assertEquals(queue.bytes, 0);
});

Deno.test("output queue: a text too large for one write has a write of its own, and none is cut", async () => {
  const stream = new FakeOutputStream();
  const queue = new OutputQueue(stream, { maxBytes: 1e6 });
  const texts = ["a".repeat(3_000), "b".repeat(2_000), "c".repeat(10_000), "d"];
  for (const text of texts) queue.push(text);
  await queue.flush(1_000);
  assertEquals(stream.writes, texts);
});

Deno.test("output queue: a stream that stands still delays nothing, and takes no more than may wait", async () => {
  const stream = new FakeOutputStream();
  stream.standStill();
  const queue = new OutputQueue(stream, { maxBytes: 10 });
  assert(queue.push("x".repeat(50)), "an idle stream takes a text of any length");
  assert(!queue.push("y"), "there is room behind a write that is too long already");
  assertEquals(await queue.flush(1), false);
  stream.goOn();
  assert(await queue.flush(1_000));
  assert(queue.push("y"));
  await queue.flush(1_000);
  assertEquals(stream.text, "x".repeat(50) + "y");
});

Deno.test("output queue: flush goes on as long as the stream takes some", async () => {
  const stream = new FakeOutputStream({ most: 1 });
  const queue = new OutputQueue(stream, { maxBytes: 100 });
  queue.push("a slow reader");
  assert(await queue.flush(1_000));
  assertEquals(stream.writes.length, "a slow reader".length);
});

Deno.test("output queue: a full pipe that does not block is tried again", async () => {
  const stream = new FakeOutputStream();
  stream.failWith(new Deno.errors.WouldBlock("full"), { times: 3 });
  const queue = new OutputQueue(stream, { maxBytes: 100 });
  queue.push("patience");
  assert(await queue.flush(1_000));
  assertEquals(stream.text, "patience");
});

Deno.test("output queue: a failure names what was lost, and the next text begins afresh", async () => {
  const failures: OutputFailure[] = [];
  const stream = new FakeOutputStream({ most: 6 });
  const full = new Error("No space left on device");
  const queue = new OutputQueue(stream, {
    maxBytes: 100,
    onFailure: (failure) => failures.push(failure),
  });
  stream.failWith(full, { after: 1 });
  queue.push("one\n");
  queue.push("two\n");
  queue.push("three\n");
  assert(await queue.flush(1_000));
  assertEquals(stream.text, "one\ntw");
  assertEquals(failures, [{ error: full, lost: ["two\n", "three\n"], isTorn: true }]);
  queue.push("four\n");
  await queue.flush(1_000);
  assertEquals(stream.text, "one\ntwfour\n");
});

Deno.test("output queue: a wait for space resolves as the stream takes text, and at a failure", async () => {
  const stream = new FakeOutputStream();
  stream.standStill();
  const queue = new OutputQueue(stream, { maxBytes: 100 });
  queue.push("12345678");
  const below = queue.whenBelow(4);
  stream.goOn();
  await below;
  stream.failWith(new Error("gone"), {});
  queue.push("12345678");
  await queue.whenBelow(1);
});
