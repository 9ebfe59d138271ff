// Protocol 4.1: rooms that guests made and nobody used vanish with their names; and how many are made.

import { assert, assertEquals } from "@std/assert";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, enter, greet, hello, join, say, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

const HASTY = { ...UNHURRIED, unused_room_ms: 100 };

async function namesOf(client: RawClient): Promise<string[]> {
  const { rooms } = await client.ask({ type: "rooms" });
  return rooms.map(({ room }: { room: string }) => room);
}

/** Resolves when a room that was made now and is heard by nobody has come and gone. */
async function untilOneVanished(server: TestServer): Promise<void> {
  const eve = await greet(server, `eve-${crypto.randomUUID().slice(0, 8)}x`);
  const room = `gone-${crypto.randomUUID().slice(0, 8)}x`;
  await join(eve, room, { create: true });
  await eve.ask({ type: "leave", room });
  await eventually(() => namesOf(eve), (names) => !names.includes(room));
  eve.close();
}

Deno.test("protocol 4.1: a guest's room that nobody hears or spoke in vanishes, and its name is free", async () => {
  await using server = await startTestServer({ limits: HASTY });
  const ada = await server.connect();
  const { token } = await ada.hello("ada");
  await join(ada, "Ops", { create: true });
  ada.close();
  const bob = await greet(server, "bob");
  await eventually(() => namesOf(bob), (names) => !names.includes("Ops"));
  assertEquals((await join(bob, "ops")).code, "no_such_room");
  const back = await comeBack(server, token);
  const resume = { type: "resume", rooms: [{ room: "Ops", seq: 0 }] };
  assertEquals((await back.ask(resume)).rooms, [{ room: "Ops", error: "no_such_room" }]);
  assertEquals((await back.ask({ type: "rooms", joined: true })).rooms, []);
  // Another room of that name has a log of its own, and a cursor above it is void.
  assertEquals((await join(bob, "OPS", { create: true })).room, "OPS");
  await say(bob, { room: "ops", texts: ["one"] });
  const resumed = async (client: RawClient, seq: number) =>
    (await client.ask({ type: "resume", rooms: [{ room: "ops", seq }] })).rooms[0];
  assertEquals(await resumed(bob, 9), {
    room: "OPS",
    recovered: false,
    missed: 0,
    last: 1,
    reason: "epoch",
  });
  assertEquals(await resumed(back, 0), { room: "OPS", recovered: true, missed: 1, last: 1 });
});

Deno.test("protocol 4.1: a room does not vanish while it is heard, or once something was said in it", async () => {
  await using server = await startTestServer({ limits: HASTY });
  const ada = await greet(server, "ada");
  for (const room of ["heard", "used"]) await join(ada, room, { create: true });
  await say(ada, { room: "used", texts: ["one"] });
  await ada.ask({ type: "leave", room: "used" });
  const admin = await server.connect();
  await hello(admin, byToken(server.adminToken));
  await join(admin, "admins", { create: true });
  await admin.ask({ type: "leave", room: "admins" });
  for (let time = 0; time < 3; time++) await untilOneVanished(server);
  assertEquals((await namesOf(ada)).sort(), ["admins", "heard", "lobby", "used"]);
  const { user } = (await ada.ask({ type: "members", room: "heard" })).members[0];
  assert(user > 0);
  // And what is said there at last is stored.
  assertEquals((await say(ada, { room: "heard", texts: ["two"] }))[0]?.seq, 1);
});

Deno.test("protocol 4.1: many rooms that a few guests took in a moment are given back", async () => {
  await using server = await startTestServer({
    limits: { ...HASTY, rooms_owned: 1_000, rooms_joined: 1_000 },
  });
  const names = Array.from({ length: 600 }, (_, n) => `name-${n}x`);
  const eve = await greet(server, "eve");
  for (let at = 0; at < names.length; at += 20) {
    const some = names.slice(at, at + 20);
    await eve.send(...some.map((room) => ({ type: "join", id: room, room, create: true })));
    for (const room of some) {
      const frame = await eve.next();
      assertEquals([frame.type, frame.re], ["room", room]);
    }
  }
  eve.close();
  const ada = await enter(server, "ada");
  await eventually(() => namesOf(ada), (left) => left.join() === "lobby");
});

Deno.test("protocol 2.5: the rooms that guests of one address make are limited, those of accounts are not", async () => {
  const limits = { ...UNHURRIED, rooms_per_hour_per_ip: 2, unauthenticated_per_ip: 9 };
  await using server = await startTestServer({ limits, loopback: "limited" });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  assertEquals((await join(ada, "one", { create: true })).type, "room");
  assertEquals((await join(bob, "two", { create: true })).type, "room");
  const refused = await join(bob, "three", { create: true });
  assertEquals([refused.code, refused.retry], ["rate_limited", true]);
  assert(refused.after_ms > 60_000 && refused.after_ms <= 1_800_000, `${refused.after_ms}`);
  assertEquals((await join(bob, "one", { create: true })).type, "room");
  assertEquals((await join(bob, "three")).code, "no_such_room");
  const admin = await server.connect();
  await hello(admin, byToken(server.adminToken));
  assertEquals((await join(admin, "three", { create: true })).type, "room");
});

Deno.test("protocol 2.5: this machine makes as many rooms as it likes, unless it is limited", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, rooms_per_hour_per_ip: 1 },
  });
  const ada = await greet(server, "ada");
  for (const room of ["one", "two", "three"]) {
    assertEquals((await join(ada, room, { create: true })).type, "room");
  }
});
