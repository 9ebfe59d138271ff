import { assertEquals } from "@std/assert";
import { formatDuration } from "../../../lib/client/output/duration.ts";

Deno.test("duration: it is told in the largest unit that needs no fraction", () => {
  const cases = [
    [1, "0.001 s"],
    [1_500, "1.5 s"],
    [90_000, "90 s"],
    [60_000, "1 min"],
    [1_800_000, "30 min"],
    [5_400_000, "90 min"],
    [7_200_000, "2 h"],
  ] as const;
  for (const [ms, says] of cases) assertEquals(formatDuration(ms), says);
});
