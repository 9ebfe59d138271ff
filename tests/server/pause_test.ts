import { assertEquals } from "@std/assert";
import { Ending } from "../../lib/server/ending.ts";
import { pause } from "../../lib/server/pause.ts";

Deno.test("pause: a wait too long for a timer does not end at once", async () => {
  const ending = new Ending();
  let isOver = false;
  const waiting = pause(2 ** 31, ending).then(() => isOver = true);
  await pause(20, new Ending()); // An overflowing timer would have fired after 1 ms.
  assertEquals(isOver, false);
  ending.begin();
  await waiting;
});
