// Protocol 10.9: alarms of the desk, by the times of the configuration.

import { assertEquals } from "@std/assert";
import { type DeskSettings, NO_DESK_SETTINGS } from "../../lib/chat/desk/desk_settings.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, JumpingClock, UNHURRIED } from "./scene.ts";

const MINUTE = 60_000;
const LIMITS = { ...UNHURRIED, inquiries_burst: 100 };
const SETTINGS: DeskSettings = {
  ...NO_DESK_SETTINGS,
  alarms: { unseen: 5 * MINUTE, unanswered: 30 * MINUTE },
  queueAlarms: new Map([["billing", { unanswered: 10 * MINUTE }]]),
};
/** What the servers do by themselves is put off: the tests look. */
const OPTIONS = { limits: LIMITS, desk: () => SETTINGS, pace: 0.001 };

/** The alarms in the room desk so far. */
async function alarmsOf(operator: RawClient): Promise<readonly unknown[]> {
  const { events } = await operator.ask({ type: "history", room: "desk", limit: 100 });
  return events
    .filter(({ change }: Frame) => change === "unseen" || change === "unanswered")
    .map(({ change, inquiry, from }: Frame) => [change, inquiry, from]);
}

function look({ server }: TestServer): Promise<void> {
  return server.hub.desk.alarms.giveSome();
}

Deno.test("protocol 10.9: an inquiry that nobody has seen or answered in time is one event each, by its queue", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ ...OPTIONS, clock });
  const [op, ann] = [await comeBack(server, server.adminToken), await greet(server, "ann")];
  await ann.ask({ type: "inquiry", content: "one" });
  await ann.ask({ type: "inquiry", content: "two", queue: "billing" });
  await ann.ask({ type: "inquiry", content: "three" });
  await op.ask({ type: "seen", inquiry: 3 });
  await look(server);
  clock.jump(4 * MINUTE);
  await look(server);
  assertEquals(await alarmsOf(op), []);
  clock.jump(2 * MINUTE);
  for (let time = 0; time < 2; time++) await look(server);
  assertEquals(await alarmsOf(op), [["unseen", 1, "ann"], ["unseen", 2, "ann"]]);
  clock.jump(5 * MINUTE);
  await op.ask({ type: "respond", inquiry: 3, content: "yes" });
  await look(server);
  assertEquals((await alarmsOf(op)).slice(2), [["unanswered", 2, "ann"]]);
  clock.jump(20 * MINUTE);
  for (let time = 0; time < 2; time++) await look(server);
  assertEquals((await alarmsOf(op)).slice(3), [["unanswered", 1, "ann"]]);
});

Deno.test("protocol 10.9: an inquiry that waits again has its alarm again, and the asker is sent none", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ ...OPTIONS, clock });
  const [op, ann] = [await comeBack(server, server.adminToken), await greet(server, "ann")];
  const late = async () => {
    await look(server);
    clock.jump(31 * MINUTE);
    await look(server);
  };
  await ann.ask({ type: "inquiry", content: "one" });
  await op.ask({ type: "seen", inquiry: 1 });
  await late();
  await op.ask({ type: "respond", inquiry: 1, content: "yes" });
  // The wall clock goes on, too.
  clock.setWall(Date.now() + 31 * MINUTE);
  await late();
  assertEquals(await alarmsOf(op), [["unanswered", 1, "ann"]]);
  await ann.ask({ type: "message", room: "?1", content: "and now?" });
  await late();
  assertEquals(await alarmsOf(op), [["unanswered", 1, "ann"], ["unanswered", 1, "ann"]]);
  assertEquals(ann.raw.includes("unanswered"), false);
  await op.ask({ type: "snooze", inquiry: 1, for_ms: 1_000_000 });
  assertEquals((await alarmsOf(op)).length, 2);
});

Deno.test("protocol 10.9: a restart keeps the time, a clock that is set does not change it, and two servers give one alarm", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const begun = Date.now();
    const before = new JumpingClock();
    before.setWall(begun);
    {
      await using server = await startTestServer({ ...OPTIONS, clock: before, directory });
      await (await greet(server, "ann")).ask({ type: "inquiry", content: "one" });
      await look(server);
      // By the wall clock it would be late.
      before.setWall(begun + 60 * MINUTE);
      await look(server);
      assertEquals(await alarmsOf(await comeBack(server, server.adminToken)), []);
    }
    const clock = new JumpingClock();
    clock.setWall(begun + 4 * MINUTE);
    const net = new MemoryNet();
    const options = { ...OPTIONS, clock, directory };
    await using one = await startTestServer({ ...options, bus: net.join() });
    await using other = await startTestServer({ ...options, bus: net.join(), beside: one });
    const op = await comeBack(one, one.adminToken);
    const both = () => Promise.all([look(one), look(other)]);
    await both();
    assertEquals(await alarmsOf(op), []);
    clock.jump(61_000);
    await both();
    await both();
    assertEquals(await alarmsOf(op), [["unseen", 1, "ann"]]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
