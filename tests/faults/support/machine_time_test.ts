import { assertEquals } from "@std/assert";
import { othersShare, parseMachineTime, readMachineTime } from "./machine_time.ts";

const STAT = "cpu  100 1 50 1000 30 2 7 40 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
const SELF = "12 (a) name (b) R 1 12 12 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 5 6\n";

Deno.test("machine time: what is used counts stolen time, what is our own our children's", () => {
  assertEquals(parseMachineTime({ stat: STAT, self: SELF }), { all: 1230, busy: 200, own: 110 });
});

Deno.test("machine time: others' is what is used and not our own", () => {
  const from = { all: 1_000, busy: 200, own: 100 };
  assertEquals(othersShare(from, { all: 1_400, busy: 500, own: 300 }), 0.25);
  // Ticks of the two clocks are not counted at the same moment.
  assertEquals(othersShare(from, { all: 1_400, busy: 300, own: 301 }), 0);
});

Deno.test("machine time: is told by this machine", () => {
  const { all, busy, own } = readMachineTime();
  assertEquals([all >= busy, busy >= own, own >= 0], [true, true, true]);
});
