import { assertEquals } from "@std/assert";
import { RunningClock } from "../lib/running_clock.ts";

Deno.test("running clock: goes on while the process runs, and stands still while it is stopped", () => {
  let now = 5_000;
  const clock = new RunningClock({ monotonic: () => now, usualGapMs: 1_000 });
  const begun = clock.now();
  for (let look = 0; look < 10; look++) {
    now += 500;
    clock.now();
  }
  assertEquals(clock.now() - begun, 5_000);
  now += 80_000;
  assertEquals(
    clock.now() - begun,
    6_000,
    "more of the stop was counted than may lie between looks",
  );
  now += 500;
  assertEquals(clock.now() - begun, 6_500);
  now += 3_600_000;
  assertEquals(clock.now() - begun, 7_500);
});
