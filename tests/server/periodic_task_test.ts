import { assertEquals } from "@std/assert";
import { PeriodicTask } from "../../lib/server/periodic_task.ts";

Deno.test("round: one at a time, and an outage is told once until it is over", async () => {
  const reported: unknown[] = [];
  let rounds = 0;
  let overlapping = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const round = new PeriodicTask(async () => {
    overlapping++;
    assertEquals(overlapping, 1);
    await Promise.resolve();
    overlapping--;
    const number = ++rounds;
    if (number === 8) resolve();
    if (number === 2 || number === 3 || number === 6) throw new Error(`round ${number}`);
  }, { everyMs: 1, onError: (error) => reported.push((error as Error).message) });
  await promise;
  await round.stop();
  assertEquals(reported, ["round 2", "round 6"]);
});
