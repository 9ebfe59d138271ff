// The line of drafts by itself: limits, order of the answers, and the end of patience.

import { assertEquals } from "@std/assert";
import { AppendQueue, type AppendQueueLimits } from "../../../lib/store/append/append_queue.ts";
import type { Appended } from "../../../lib/store/repository.ts";
import { draft } from "../../support/store_facts.ts";

const LIMITS: AppendQueueLimits = {
  batch: 3,
  batchBytes: 100,
  pending: 5,
  pendingBytes: 300,
  waitMs: 60_000,
};

function newLine(limits: Partial<AppendQueueLimits> = {}): AppendQueue {
  return new AppendQueue({ ...LIMITS, ...limits });
}

function stored(seq: number): Appended {
  return { seq, time: 0, dup: false };
}

const UNAVAILABLE: Appended = { refused: "unavailable" };

/** Adds a draft of so many bytes, and notes its answer under `name` when it is told. */
function add(line: AppendQueue, told: string[], name: string, bytes = 1): Promise<void> {
  return line.add([draft(1, { content: "x".repeat(bytes) })]).then(([answer]) => {
    told.push(`${name}: ${answer && "seq" in answer ? answer.seq : answer?.refused}`);
  });
}

Deno.test("draft line: a batch has no more drafts and bytes than the limits", () => {
  using line = newLine();
  for (const bytes of [1, 1, 1, 60, 40, 90, 11]) void add(line, [], "", bytes);
  const sizes = [];
  while (!line.isEmpty) sizes.push(line.take().map((place) => place.bytes));
  assertEquals(sizes, [[1, 1, 1], [60, 40]]);
});

Deno.test("draft line: a draft larger than a batch goes alone", () => {
  using line = newLine();
  for (const bytes of [1, 200, 1]) void add(line, [], "", bytes);
  const sizes = [];
  while (!line.isEmpty) sizes.push(line.take().map((place) => place.bytes));
  assertEquals(sizes, [[1], [200], [1]]);
});

Deno.test("draft line: what is over the limits is refused in its turn", async () => {
  using line = newLine();
  const told: string[] = [];
  const adding = Array.from({ length: 7 }, (_, n) => add(line, told, `${n}`));
  assertEquals(line.pending, 5);
  await Promise.resolve();
  assertEquals(told, []);
  for (let seq = 1; !line.isEmpty;) {
    for (const place of line.take()) line.settle(place, stored(seq++));
  }
  await Promise.all(adding);
  assertEquals(told, ["0: 1", "1: 2", "2: 3", "3: 4", "4: 5", "5: unavailable", "6: unavailable"]);
  assertEquals(line.pending, 0);
});

Deno.test("draft line: bytes that wait are limited, and given back", async () => {
  using line = newLine();
  const told: string[] = [];
  const first = add(line, told, "a", 290);
  void add(line, told, "b", 11);
  void add(line, told, "c", 10);
  assertEquals(line.pending, 2);
  for (const place of line.take()) line.settle(place, stored(1));
  await first;
  void add(line, told, "d", 290);
  assertEquals(line.pending, 2);
});

Deno.test("draft line: who is decided early is told in the order asked", async () => {
  using line = newLine();
  const told: string[] = [];
  const adding = ["a", "b", "c"].map((name) => add(line, told, name));
  const [a, b, c] = line.take();
  if (a === undefined || b === undefined || c === undefined) throw new Error("three were added");
  line.settle(c, stored(3));
  line.settle(b, stored(2));
  await Promise.resolve();
  assertEquals(told, []);
  line.settle(a, stored(1));
  await Promise.all(adding);
  assertEquals(told, ["a: 1", "b: 2", "c: 3"]);
});

Deno.test("draft line: a call is answered as a whole, each draft in its place", async () => {
  using line = newLine({ batch: 2 });
  const adding = line.add([
    draft(1, { content: "a" }),
    draft(1, { content: "\0" }),
    draft(1, { content: "c" }),
    draft(1, { content: "d" }),
  ]);
  for (let seq = 1; !line.isEmpty;) {
    for (const place of line.take()) line.settle(place, stored(seq++));
  }
  assertEquals(await adding, [stored(1), { refused: "internal" }, stored(2), stored(3)]);
});

Deno.test("draft line: who has waited too long is told so, taken or not, and is not taken later", async () => {
  using line = newLine({ batch: 1, waitMs: 5 });
  const told: string[] = [];
  const adding = ["a", "b"].map((name) => add(line, told, name));
  const [a] = line.take();
  await Promise.all(adding);
  assertEquals(told, ["a: unavailable", "b: unavailable"]);
  assertEquals(a?.answer, UNAVAILABLE);
  assertEquals(line.take(), []);
  assertEquals([line.pending, line.isEmpty], [0, true]);
  // The database answers after all: nobody is told twice.
  if (a !== undefined) line.settle(a, stored(1));
  assertEquals(told.length, 2);
  assertEquals(line.pending, 0);
});

Deno.test("draft line: patience is counted from when each one came", async () => {
  using line = newLine({ waitMs: 40 });
  const told: string[] = [];
  const early = add(line, told, "early");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const late = add(line, told, "late");
  await early;
  assertEquals(told, ["early: unavailable"]);
  await late;
  assertEquals(told, ["early: unavailable", "late: unavailable"]);
});

Deno.test("draft line: a closed line refuses what is added and keeps what it has", async () => {
  using line = newLine();
  const before = line.add([draft(1)]);
  line.close();
  const after = line.add([draft(1)]);
  for (const place of line.take()) line.settle(place, stored(1));
  assertEquals([await before, await after], [[stored(1)], [UNAVAILABLE]]);
});
