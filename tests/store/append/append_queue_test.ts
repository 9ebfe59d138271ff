// The queue of drafts by itself: limits, order of the answers, and drafts that wait too long.

import { assert, assertEquals } from "@std/assert";
import { AppendQueue, type AppendQueueLimits } from "../../../lib/store/append/append_queue.ts";
import type { Appended } from "../../../lib/store/records.ts";
import { FakeTimers } from "../../support/fakes/fake_timers.ts";
import { draft } from "../../support/stores/store_facts.ts";

const LIMITS: AppendQueueLimits = {
  batch: 3,
  batchBytes: 100,
  pending: 5,
  pendingBytes: 300,
  waitMs: 60_000,
};

function newQueue(limits: Partial<AppendQueueLimits> = {}, timers = new FakeTimers()): AppendQueue {
  return new AppendQueue({ ...LIMITS, ...limits }, timers);
}

function stored(seq: number): Appended {
  return { seq, time: 0, dup: false };
}

const UNAVAILABLE: Appended = { refused: "unavailable" };

/** Adds a draft of so many bytes, and notes its answer under `name` when it is answered. */
function add(queue: AppendQueue, answered: string[], name: string, bytes = 1): Promise<void> {
  return queue.add([draft(1, { content: "x".repeat(bytes) })]).then(([answer]) => {
    answered.push(`${name}: ${answer && "seq" in answer ? answer.seq : answer?.refused}`);
  });
}

Deno.test("append queue: a batch has no more drafts and bytes than the limits", () => {
  using queue = newQueue();
  for (const bytes of [1, 1, 1, 60, 40, 90, 11]) void add(queue, [], "", bytes);
  const sizes = [];
  while (!queue.isEmpty) sizes.push(queue.take().map((queued) => queued.bytes));
  assertEquals(sizes, [[1, 1, 1], [60, 40]]);
});

Deno.test("append queue: a draft larger than a batch goes alone", () => {
  using queue = newQueue();
  for (const bytes of [1, 200, 1]) void add(queue, [], "", bytes);
  const sizes = [];
  while (!queue.isEmpty) sizes.push(queue.take().map((queued) => queued.bytes));
  assertEquals(sizes, [[1], [200], [1]]);
});

Deno.test("append queue: what is over the limits is refused in its turn", async () => {
  using queue = newQueue();
  const answered: string[] = [];
  const adding = Array.from({ length: 7 }, (_, n) => add(queue, answered, `${n}`));
  assertEquals(queue.pending, 5);
  await Promise.resolve();
  assertEquals(answered, []);
  for (let seq = 1; !queue.isEmpty;) {
    for (const queued of queue.take()) queue.settle(queued, stored(seq++));
  }
  await Promise.all(adding);
  assertEquals(answered, [
    "0: 1",
    "1: 2",
    "2: 3",
    "3: 4",
    "4: 5",
    "5: unavailable",
    "6: unavailable",
  ]);
  assertEquals(queue.pending, 0);
});

Deno.test("append queue: bytes that wait are limited, and given back", async () => {
  using queue = newQueue();
  const answered: string[] = [];
  const first = add(queue, answered, "a", 290);
  void add(queue, answered, "b", 11);
  void add(queue, answered, "c", 10);
  assertEquals(queue.pending, 2);
  for (const queued of queue.take()) queue.settle(queued, stored(1));
  await first;
  void add(queue, answered, "d", 290);
  assertEquals(queue.pending, 2);
});

Deno.test("append queue: an outcome that is known early is given in the order of the drafts", async () => {
  using queue = newQueue();
  const answered: string[] = [];
  const adding = ["a", "b", "c"].map((name) => add(queue, answered, name));
  const [a, b, c] = queue.take();
  if (a === undefined || b === undefined || c === undefined) throw new Error("three were added");
  queue.settle(c, stored(3));
  queue.settle(b, stored(2));
  await Promise.resolve();
  assertEquals(answered, []);
  queue.settle(a, stored(1));
  await Promise.all(adding);
  assertEquals(answered, ["a: 1", "b: 2", "c: 3"]);
});

Deno.test("append queue: a call is answered as a whole, each draft in its slot", async () => {
  using queue = newQueue({ batch: 2 });
  const adding = queue.add([
    draft(1, { content: "a" }),
    draft(1, { content: "\0" }),
    draft(1, { content: "c" }),
    draft(1, { content: "d" }),
  ]);
  for (let seq = 1; !queue.isEmpty;) {
    for (const queued of queue.take()) queue.settle(queued, stored(seq++));
  }
  assertEquals(await adding, [stored(1), { refused: "internal" }, stored(2), stored(3)]);
});

Deno.test("append queue: a draft that has waited too long is answered so, taken or not, and not taken later", async () => {
  const timers = new FakeTimers();
  using queue = newQueue({ batch: 1, waitMs: 5 }, timers);
  const answered: string[] = [];
  const adding = ["a", "b"].map((name) => add(queue, answered, name));
  const [a] = queue.take();
  await timers.advance(5);
  await Promise.all(adding);
  assertEquals(answered, ["a: unavailable", "b: unavailable"]);
  assertEquals(a?.answer, UNAVAILABLE);
  assertEquals(queue.take(), []);
  assertEquals([queue.pending, queue.isEmpty], [0, true]);
  // The database answers after all: no draft is answered twice.
  if (a !== undefined) queue.settle(a, stored(1));
  assertEquals(answered.length, 2);
  assertEquals(queue.pending, 0);
});

Deno.test("append queue: the wait of each draft counts from when it was added", async () => {
  const timers = new FakeTimers();
  using queue = newQueue({ waitMs: 40 }, timers);
  const answered: string[] = [];
  const early = add(queue, answered, "early");
  await timers.advance(20);
  const late = add(queue, answered, "late");
  await timers.advance(20);
  await early;
  assertEquals(answered, ["early: unavailable"]);
  await timers.advance(20);
  await late;
  assertEquals(answered, ["early: unavailable", "late: unavailable"]);
});

Deno.test("append queue: once closed it refuses what is added and keeps what it has", async () => {
  using queue = newQueue();
  const before = queue.add([draft(1)]);
  queue.close();
  const after = queue.add([draft(1)]);
  for (const queued of queue.take()) queue.settle(queued, stored(1));
  assertEquals([await before, await after], [[stored(1)], [UNAVAILABLE]]);
});

Deno.test("append queue: no other answer waits for a draft that is set apart", async () => {
  using queue = newQueue();
  const answered: string[] = [];
  const adding = ["apart", "free"].map((name) => add(queue, answered, name));
  const [apart, free] = queue.take();
  assert(apart !== undefined && free !== undefined);
  queue.setApart([apart]);
  queue.settle(free, stored(1));
  await adding[1];
  assertEquals(answered, ["free: 1"]);
  queue.settle(apart, stored(2));
  await adding[0];
  assertEquals(answered, ["free: 1", "apart: 2"]);
});
