import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/client/clock.ts";

Deno.test("clock: a wait too long for a timer does not end at once", async () => {
  for (const ms of [2 ** 31, 2 ** 53, Infinity]) {
    const stop = new AbortController();
    let isOver = false;
    const waiting = systemClock.sleep(ms, stop.signal).then(() => isOver = true);
    await systemClock.sleep(20); // An overflowing timer would have fired after 1 ms.
    assertEquals(isOver, false, String(ms));
    stop.abort();
    await waiting;
  }
});
