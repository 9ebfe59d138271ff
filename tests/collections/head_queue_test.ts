import { assertEquals } from "@std/assert";
import { HeadQueue } from "../../lib/collections/head_queue.ts";

Deno.test("head queue: gives what was pushed, in order, and keeps count", () => {
  const queue = new HeadQueue<string>();
  assertEquals([queue.length, queue.peek(), queue.shift()], [0, undefined, undefined]);
  for (const item of ["a", "b", "c"]) queue.push(item);
  assertEquals([queue.length, queue.peek(), queue.shift()], [3, "a", "a"]);
  queue.push("d");
  assertEquals([[...queue], queue.length], [["b", "c", "d"], 3]);
  assertEquals([queue.shift(), queue.shift(), queue.shift(), queue.shift()], [
    "b",
    "c",
    "d",
    undefined,
  ]);
  queue.push("e");
  assertEquals([queue.length, queue.shift()], [1, "e"]);
});

Deno.test("head queue: an item may be undefined, and is counted", () => {
  const queue = new HeadQueue<undefined>();
  queue.push(undefined);
  queue.push(undefined);
  queue.shift();
  assertEquals(queue.length, 1);
});

Deno.test("head queue: keeps its order while it is cut, filled at any pace", () => {
  const queue = new HeadQueue<number>();
  let pushed = 0;
  let taken = 0;
  for (let turn = 0; turn < 400; turn++) {
    for (let n = turn % 7; n >= 0; n--) queue.push(pushed++);
    for (let n = turn % 5; n >= 0 && queue.length > 0; n--) assertEquals(queue.shift(), taken++);
    assertEquals(queue.length, pushed - taken);
  }
  while (queue.length > 0) assertEquals(queue.shift(), taken++);
  assertEquals(taken, pushed);
});
