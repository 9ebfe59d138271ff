// Protocol 4.9: what a room is about, as an event of its log.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer } from "../support/server.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { comeBack, enter, greet, join, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

testEachStore(
  "protocol 4.9: a topic is an event, live, in pages and in replays, and the room's from then on",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const ann = await greet(server, "ann");
    await join(ann, "ops", { create: true });
    const bob = await enter(server, "bob", "ops");
    await ann.ask({ type: "message", room: "ops", content: "one" });
    const { seq, time } = await ann.ask({ type: "topic", room: "OPS", topic: "old" });
    assertEquals(seq, 2);
    const [event] = await bob.received("topic", 1);
    const { user, ...rest } = event ?? {};
    assertEquals(rest, {
      type: "topic",
      room: "ops",
      seq,
      from: "ann",
      guest: true,
      time,
      content: "",
      topic: "old",
    });
    await ann.ask({ type: "topic", room: "ops", topic: "new" });
    const kim = await greet(server, "kim");
    assertEquals((await join(kim, "ops")).topic, "new");
    const { events } = await kim.ask({ type: "history", room: "ops" });
    assertEquals(events[1], { ...rest, user });
    await kim.ask({ type: "resume", rooms: [{ room: "ops", seq: 1 }] });
    assertEquals((await kim.until("topic")).topic, "old");
    const { rooms } = await kim.ask({ type: "rooms", after: "lobby" });
    assertEquals([rooms[0].topic, rooms[0].last], ["new", 3]);
    await ann.ask({ type: "topic", room: "ops", topic: "" });
    assertEquals((await join(kim, "ops")).topic, "");
  },
);

testEachStore(
  "protocol 4.9: a topic is neither unread nor a mention, and reads nothing",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const ann = await greet(server, "ann");
    await join(ann, "ops", { create: true });
    const bob = await enter(server, "bob", "ops");
    await ann.ask({ type: "topic", room: "ops", topic: "for @bob" });
    await ann.ask({ type: "message", room: "ops", content: "one" });
    await bob.ask({ type: "message", room: "ops", content: "two" });
    await ann.ask({ type: "topic", room: "ops", topic: "again" });
    const own = async (client: typeof ann) => {
      const { rooms: [{ last, read, unread, mentions }] } = await client.ask({
        type: "rooms",
        joined: true,
      });
      return { last, read, unread, mentions };
    };
    assertEquals(await own(bob), { last: 4, read: 3, unread: 0, mentions: 0 });
    assertEquals(await own(ann), { last: 4, read: 2, unread: 1, mentions: 0 });
    await ann.ask({ type: "message", room: "ops", content: "three" });
    assertEquals(await own(bob), { last: 5, read: 3, unread: 1, mentions: 0 });
  },
);

testEachStore(
  "protocol 4.9: a topic that is sent again by its cid is stored once",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const ann = await greet(server, "ann");
    await join(ann, "ops", { create: true });
    const set = (topic: string) => ann.ask({ type: "topic", room: "ops", topic, cid: "t" });
    const first = await set("one");
    const again = await set("one");
    assertEquals([again.seq, again.time, again.dup], [first.seq, first.time, true]);
    assertEquals((await set("two")).code, "cid_conflict");
    assertEquals(
      (await ann.ask({ type: "message", room: "ops", content: "x", cid: "t" })).code,
      "cid_conflict",
    );
    assertEquals((await join(ann, "ops")).topic, "one");
  },
);

Deno.test("protocol 4.9: owners and operators set it, and it is one short line", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await greet(server, "ann"), await enter(server, "bob", "ops")];
  const admin = await comeBack(server, server.adminToken);
  const set = (client: typeof ann, room: string, topic: unknown) =>
    client.ask({ type: "topic", room, topic });
  assertEquals((await set(ann, "ops", "x")).code, "forbidden");
  assertEquals((await set(ann, "lobby", "x")).code, "forbidden");
  assertEquals((await set(bob, "ops", "x")).type, "ok");
  assertEquals((await set(admin, "ops", "y")).type, "ok");
  assertEquals((await set(admin, "lobby", "z")).type, "ok");
  await join(ann, "secret", { create: true, private: true });
  assertEquals((await set(ann, "secret", "x")).type, "ok");
  assertEquals((await set(admin, "secret", "x")).code, "no_such_room");
  const refusals = [];
  for (const topic of ["a\nb", "a\tb", "\u0000", "ä".repeat(251), 7, undefined]) {
    const { code, field } = await set(bob, "ops", topic);
    refusals.push([code, field]);
  }
  assertEquals(refusals, [
    ["bad_text", "topic"],
    ["bad_text", "topic"],
    ["bad_text", "topic"],
    ["too_long", "topic"],
    ["bad_field", "topic"],
    ["bad_field", "topic"],
  ]);
  assertEquals((await set(bob, "ops", "ä".repeat(250))).type, "ok");
});

testEachStore(
  "protocol 4.9: another server of the store has the topic as soon as the event",
  async (database) => {
    const net = new MemoryNet();
    const driver = await openMigrated(database);
    await using one = await startTestServer({ ...ROOMY, driver, bus: net.join(), pace: 0.01 });
    await using other = await startTestServer({
      ...ROOMY,
      beside: one,
      bus: net.join(),
      pace: 0.01,
    });
    const ann = await greet(one, "ann");
    await join(ann, "ops", { create: true });
    const bob = await enter(other, "bob", "ops");
    await ann.ask({ type: "topic", room: "ops", topic: "on call" });
    assertEquals((await bob.until("topic")).topic, "on call");
    assertEquals((await join(bob, "ops")).topic, "on call");
  },
);
