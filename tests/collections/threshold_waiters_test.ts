import { assertEquals } from "@std/assert";
import { ThresholdWaiters } from "../../lib/collections/threshold_waiters.ts";

Deno.test("threshold waiters: each resolves once the level is below its own, in their order", async () => {
  const waiters = new ThresholdWaiters();
  const resolved: string[] = [];
  for (const [name, below] of [["a", 5], ["b", 1], ["c", 10], ["d", 5]] as const) {
    void waiters.whenBelow(below).then(() => resolved.push(name));
  }
  const levels: (readonly [level: number, resolved: string])[] = [
    [10, ""],
    [9, "c"],
    [5, "c"],
    [4, "cad"],
    [20, "cad"],
    [0, "cadb"],
  ];
  for (const [level, expected] of levels) {
    waiters.update(level);
    await Promise.resolve();
    assertEquals(resolved.join(""), expected, `level ${level}`);
  }
});
