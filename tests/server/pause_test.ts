import { assertEquals } from "@std/assert";
import { StopSignal } from "../../lib/server/stop_signal.ts";
import { pause } from "../../lib/server/pause.ts";

Deno.test("pause: a wait too long for a timer does not end at once", async () => {
  const ending = new StopSignal();
  let isOver = false;
  const waiting = pause(2 ** 31, ending).then(() => isOver = true);
  await pause(20, new StopSignal()); // An overflowing timer would have fired after 1 ms.
  assertEquals(isOver, false);
  ending.stop();
  await waiting;
});
