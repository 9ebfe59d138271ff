import { assertEquals } from "@std/assert";
import { ClockJumpDetector } from "../../../lib/server/process/clock_watch.ts";
import { JumpingClock } from "../../protocol/scene.ts";

Deno.test("clock watch: a clock that jumped is believed when it has stayed where it is", () => {
  const clock = new JumpingClock();
  const watch = new ClockJumpDetector(clock);
  const ask = (wall: number, more: number) => {
    clock.jump(more);
    clock.setWall(wall);
    return watch.isSteady();
  };
  const hour = 3_600_000;
  const start = clock.now();
  assertEquals(ask(start + hour, hour), true);
  // Ten years ahead for a moment: neither there nor on the way back.
  assertEquals(ask(start + 87_600 * hour, hour), false);
  assertEquals(ask(start + 3 * hour, hour), false);
  assertEquals(ask(start + 4 * hour, hour), true);
  // Set for good: from the second look on.
  assertEquals(ask(start + 29 * hour, hour), false);
  assertEquals(ask(start + 30 * hour, hour), true);
});
