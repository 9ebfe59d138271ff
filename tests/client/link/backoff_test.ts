import { assert, assertEquals } from "@std/assert";
import { Backoff } from "../../../lib/client/link/backoff.ts";

Deno.test("backoff: the waits grow from a second to thirty, and no further", () => {
  const backoff = new Backoff(() => 0.999_999);
  const waits = Array.from({ length: 9 }, () => Math.ceil(backoff.next() / 1_000));
  assertEquals(waits, [1, 1, 2, 4, 8, 16, 30, 30, 30]);
});

Deno.test("backoff: every wait is drawn from nothing to its most", () => {
  const backoff = new Backoff(() => 0);
  for (let tries = 0; tries < 20; tries++) assertEquals(backoff.next(), 0);
});

Deno.test("backoff: a server's hint makes the wait longer, but never beyond thirty seconds", () => {
  const backoff = new Backoff(() => 0.5);
  assertEquals(backoff.next(2_400), 2_400);
  assertEquals(backoff.next(9_000_000), 30_000);
});

Deno.test("backoff: no hint makes the wait shorter than its own", () => {
  for (const hint of [0, 1, -1, Number.NaN]) {
    const backoff = new Backoff(() => 0.5);
    const waits = Array.from({ length: 5 }, () => backoff.next(hint));
    assertEquals(waits, [500, 500, 1_000, 2_000, 4_000], String(hint));
  }
});

Deno.test("backoff: a hint counts as a try", () => {
  const backoff = new Backoff(() => 0.5);
  backoff.next(1);
  backoff.next(1);
  assertEquals(backoff.next(), 1_000);
});

Deno.test("backoff: after a connection that held, the wait is a first one", () => {
  const backoff = new Backoff(() => 0.5);
  for (let tries = 0; tries < 9; tries++) backoff.next();
  backoff.reset();
  assertEquals(backoff.next(), 500);
});

Deno.test("backoff: five hundred clients of one server do not come back in step", () => {
  const bins = new Map<number, number>();
  for (let client = 0; client < 500; client++) {
    const bin = Math.floor(new Backoff(Math.random).next() / 100);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  for (const count of bins.values()) assert(count < 500 * 0.2, `${count} of 500 within 100 ms`);
});
