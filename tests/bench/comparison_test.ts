import { assertEquals } from "@std/assert";
import { compare } from "../../bench/comparison.ts";
import type { Figure } from "../../bench/sampling.ts";

function figure(us: number, more: Partial<Figure> = {}): Figure {
  return { unit: "message", us, yardsticks: us, spread: 0.01, elapsedUs: us, ...more };
}

Deno.test("bench comparison: what costs a third more is slower, a third less faster", () => {
  assertEquals(compare(figure(4), figure(3)), { ratio: 4 / 3, note: "slower" });
  assertEquals(compare(figure(3), figure(4)), { ratio: 3 / 4, note: "faster" });
  assertEquals(compare(figure(3.3), figure(3)).note, "");
});

Deno.test("bench comparison: a machine at half the speed has slowed nothing down", () => {
  assertEquals(compare(figure(8, { yardsticks: 4 }), figure(4)), { ratio: 1, note: "" });
  assertEquals(compare(figure(4, { yardsticks: 8 }), figure(4)).note, "slower");
});

Deno.test("bench comparison: what varies much is not called slower for a little", () => {
  assertEquals(compare(figure(4, { spread: 0.2 }), figure(3)).note, "");
  assertEquals(compare(figure(6, { spread: 0.2 }), figure(3)).note, "slower");
});
