import { assertEquals } from "@std/assert";
import { PeriodicTask } from "../../lib/server/periodic_task.ts";

Deno.test("periodic task: one run at a time, and an outage is reported once until it is over", async () => {
  const reported: unknown[] = [];
  let runs = 0;
  let overlapping = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const task = new PeriodicTask(async () => {
    overlapping++;
    assertEquals(overlapping, 1);
    await Promise.resolve();
    overlapping--;
    const number = ++runs;
    if (number === 8) resolve();
    if (number === 2 || number === 3 || number === 6) throw new Error(`run ${number}`);
  }, { everyMs: 1, onError: (error) => reported.push((error as Error).message) });
  await promise;
  await task.stop();
  assertEquals(reported, ["run 2", "run 6"]);
});
