import { assertEquals } from "@std/assert";
import { Budget } from "../../lib/cluster/notice_budget.ts";

Deno.test("budget: a few at once, then at its pace, never more than at first", () => {
  let now = 0;
  const budget = new Budget({ most: 3, perSecond: 2 }, () => now);
  const take = (times: number) => Array.from({ length: times }, () => budget.take());
  assertEquals(take(5), [true, true, true, false, false]);
  now = 499;
  assertEquals(take(1), [false]);
  now = 500;
  assertEquals(take(2), [true, false]);
  now = 60_000;
  assertEquals(take(4), [true, true, true, false]);
});
