import { assert, assertEquals } from "@std/assert";
import { Random } from "../../support/random.ts";
import { excesses, medianOf } from "./comparison.ts";

const KINDS = ["unknown", "wrong"] as const;

/** Rounds on a machine whose speed changes from round to round, up to four times. */
function roundsOf(options: { dearer: number }): { unknown: number; wrong: number }[] {
  const random = new Random(7);
  const login = (speed: number) => 30 * speed * (1 + random.below(200) / 1_000);
  return Array.from({ length: 100 }, () => {
    const speed = 1 + random.below(300) / 100;
    return { unknown: login(speed), wrong: login(speed) * (1 + options.dearer) };
  });
}

Deno.test("comparison of logins: a machine that changes its speed hides no dearer kind", () => {
  const found = excesses(KINDS, roundsOf({ dearer: 0.15 }));
  assert(Math.abs((found.get("wrong") ?? NaN) - 0.15) < 0.05);
  assert((found.get("unknown") ?? NaN) <= 0);
});

Deno.test("comparison of logins: kinds that cost the same are the same on such a machine", () => {
  for (const excess of excesses(KINDS, roundsOf({ dearer: 0 })).values()) {
    assert(Math.abs(excess) < 0.05, `${excess}`);
  }
});

Deno.test("comparison of logins: the median is the one in the middle", () => {
  assertEquals(medianOf([9, 1, 5]), 5);
});
