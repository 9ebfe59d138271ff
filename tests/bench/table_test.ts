import { assertEquals, assertMatch } from "@std/assert";
import type { Figure } from "../../bench/sampling.ts";
import { formatJson, formatTable, formatUs } from "../../bench/table.ts";

function figure(us: number): Figure {
  return { unit: "row", us, yardsticks: us, spread: 0, elapsedUs: 2 * us };
}

const RESULTS = [
  { name: "one", figure: figure(20) },
  { name: "two", figure: figure(5) },
  { name: "three", missing: "no database" },
];

Deno.test("bench table: each thing has its cost, its baseline and its ratio; none is made up", () => {
  const table = formatTable(RESULTS, { one: figure(10), three: figure(1) }).split("\n");
  assertMatch(table[1] ?? "", /^one +20\.0 us\/row +10\.0 us +2\.00 +40\.0 us +slower$/);
  assertMatch(table[2] ?? "", /^two +5\.00 us\/row +10\.0 us +no baseline$/);
  assertMatch(table[3] ?? "", /^three +not measured: no database$/);
});

Deno.test("bench table: for programs, what is not measured has no figure either", () => {
  const machine = { deno: "2.9.6", cpu: "a", cores: 2 };
  const { results } = JSON.parse(formatJson(RESULTS, { machine, saved: { one: figure(10) } }));
  assertEquals(results[0].ratio, 2);
  assertEquals(results[1], RESULTS[1]);
  assertEquals(results[2], RESULTS[2]);
});

Deno.test("bench table: times have the unit that suits them", () => {
  const times = [0.0127, 0.9994, 0.99996, 3.4567, 99.96, 999.4, 999.9, 123_456];
  assertEquals(times.map(formatUs), [
    "12.7 ns",
    "999 ns",
    "1.00 us",
    "3.46 us",
    "100 us",
    "999 us",
    "1.00 ms",
    "123 ms",
  ]);
});
