import { assertEquals } from "@std/assert";
import {
  measureMedian,
  type NamedFigure,
  remeasureSlower,
} from "../../bench/repeated_measurement.ts";
import type { Figure } from "../../bench/sampling.ts";

function figure(yardsticks: number): Figure {
  return { unit: "row", us: yardsticks, yardsticks, spread: 0, elapsedUs: yardsticks };
}

/** Each pass takes the next figure of whatever is wanted. */
class Passes {
  readonly wanted: string[] = [];
  readonly #figures: Readonly<Record<string, readonly number[]>>;
  #count = 0;

  constructor(figures: Readonly<Record<string, readonly number[]>>) {
    this.#figures = figures;
  }

  readonly next = (isWanted: (name: string) => boolean): Promise<readonly NamedFigure[]> => {
    const names = Object.keys(this.#figures).filter(isWanted);
    this.wanted.push(names.join(" "));
    const taken = this.#count++;
    return Promise.resolve(
      names.map((name) => ({ name, figure: figure(this.#figures[name]?.[taken] ?? NaN) })),
    );
  };
}

const SAVED = { a: figure(10), b: figure(10) };

function costs(results: readonly NamedFigure[]): readonly unknown[] {
  return results.map(({ name, figure }) => [name, figure?.us]);
}

Deno.test("bench certainty: a baseline is neither a lucky nor a bad minute's", async () => {
  const passes = new Passes({ a: [9, 1, 4], b: [2, 3, 8] });
  assertEquals(costs(await measureMedian(passes.next)), [["a", 4], ["b", 3]]);
});

Deno.test("bench certainty: what was slow once and not again is not slower", async () => {
  const passes = new Passes({ a: [10, 30, 30], b: [20, 11, 30] });
  assertEquals(costs(await remeasureSlower(passes.next, SAVED)), [["a", 10], ["b", 11]]);
  assertEquals(passes.wanted, ["a b", "b"]);
});

Deno.test("bench certainty: what is slower every time is", async () => {
  const passes = new Passes({ a: [22, 20, 21], b: [10, 1, 1] });
  assertEquals(costs(await remeasureSlower(passes.next, SAVED)), [["a", 20], ["b", 10]]);
  assertEquals(passes.wanted, ["a b", "a", "a"]);
});

Deno.test("bench certainty: what is as it was, new or not measured is not doubted", async () => {
  const passes = new Passes({ a: [10], new: [20] });
  await remeasureSlower(passes.next, SAVED);
  assertEquals(passes.wanted, ["a new"]);
  const missing = [{ name: "a" }];
  assertEquals(await remeasureSlower(() => Promise.resolve(missing), SAVED), missing);
  assertEquals(await measureMedian(() => Promise.resolve(missing)), missing);
});
