import { assertEquals } from "@std/assert";
import { takeDoubting, takeMiddle, type Taken } from "../../bench/certainty.ts";
import type { Figure } from "../../bench/sampling.ts";

function figure(yardsticks: number): Figure {
  return { unit: "row", us: yardsticks, yardsticks, spread: 0, elapsedUs: yardsticks };
}

/** Figures one after the other, and how many were taken. */
class Takes {
  count = 0;
  readonly #figures: readonly Figure[];

  constructor(...yardsticks: readonly number[]) {
    this.#figures = yardsticks.map(figure);
  }

  readonly next = (): Promise<Taken> =>
    Promise.resolve({ figure: this.#figures[this.count++] as Figure });
}

Deno.test("bench certainty: a baseline is neither a lucky nor a bad minute's", async () => {
  assertEquals((await takeMiddle(new Takes(9, 1, 4).next)).figure.us, 4);
});

Deno.test("bench certainty: what was slow once and not again is not slower", async () => {
  const takes = new Takes(20, 11, 30);
  assertEquals([(await takeDoubting(takes.next, figure(10))).figure.us, takes.count], [11, 2]);
});

Deno.test("bench certainty: what is slower every time is", async () => {
  const takes = new Takes(22, 20, 21);
  assertEquals([(await takeDoubting(takes.next, figure(10))).figure.us, takes.count], [20, 3]);
});

Deno.test("bench certainty: what is as it was, or has no baseline, is measured once", async () => {
  const takes = new Takes(10, 20);
  await takeDoubting(takes.next, figure(10));
  await takeDoubting(takes.next, undefined);
  assertEquals(takes.count, 2);
});
