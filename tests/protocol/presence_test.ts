// Protocol 4.10, 4.11: who is typing, and who comes and goes: events that pass, on one server and on two.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { account, comeBack, enter, greet, join, JumpingClock, UNHURRIED } from "./scene.ts";

const NOT_YET_MS = 14_000;
const LONG_MS = 16_000;

interface Scene extends AsyncDisposable {
  readonly clock: JumpingClock;
  /** Twice the same, unless there are two servers. */
  readonly one: TestServer;
  readonly other: TestServer;
  /** Lets so much time pass on all servers, and what is due is sent. */
  pass(ms: number): Promise<void>;
}

async function startScene(servers: 1 | 2): Promise<Scene> {
  const clock = new JumpingClock();
  const net = new MemoryNet();
  const options = { clock, limits: UNHURRIED, pace: 0.01 };
  const one = servers === 1
    ? await startTestServer(options)
    : await startTestServer({ ...options, bus: net.join() });
  const other = servers === 1
    ? one
    : await startTestServer({ ...options, bus: net.join(), beside: one });
  return {
    clock,
    one,
    other,
    async pass(ms): Promise<void> {
      clock.jump(ms);
      for (const { server } of new Set([one, other])) {
        if (servers === 2) server.hub.pulse();
        await server.hub.poll("doubtful");
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (servers === 2) await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

for (const servers of [1, 2] as const) {
  const where = servers === 1 ? "one server" : "two servers";

  Deno.test(`protocol 4.10: typing is shown to the other of a conversation, on ${where}`, async () => {
    await using scene = await startScene(servers);
    const [ann, bob] = [await account(scene.one, "ann"), await account(scene.other, "bob")];
    const eve = await account(scene.one, "eve");
    await ann.ask({ type: "message", room: "@bob", content: "hi" });
    await bob.received("message", 1);
    await ann.send({ type: "typing", room: "@Bob" });
    const { user, ...typing } = await bob.until("typing");
    assertEquals(typing, { type: "typing", room: "@ann", from: "ann" });
    assertEquals((await ann.until("typing")).room, "@bob");
    // Not each key press.
    await ann.send({ type: "typing", room: "@bob" });
    await ann.ask({ type: "message", room: "@bob", content: "done" });
    assertEquals((await bob.next()).type, "message");
    await scene.pass(2_000);
    await ann.send({ type: "typing", room: "@bob" });
    assertEquals((await bob.until("typing")).user, user);
    await eve.quiet();
  });

  Deno.test(`protocol 4.11: who comes and who has gone for long is shown, on ${where}`, async () => {
    await using scene = await startScene(servers);
    await scene.pass(LONG_MS);
    const ann = await enter(scene.one, "ann", "ops");
    const bob = await scene.other.connect();
    const { token, you } = await bob.hello("bob");
    await join(bob, "ops");
    await eventually(() => scene.one.server.hub.names.connectionsOf(you.user), (n) => n === 1);
    await scene.pass(1_000);
    const shown = { type: "presence", room: "ops", user: you.user, from: "bob" };
    assertEquals(await ann.until("presence"), { ...shown, here: true });
    bob.close();
    await eventually(() => scene.one.server.hub.names.connectionsOf(you.user), (n) => n === 0);
    await scene.pass(NOT_YET_MS);
    const again = await comeBack(scene.other, token);
    await join(again, "ops");
    await eventually(() => scene.one.server.hub.names.connectionsOf(you.user), (n) => n === 1);
    await scene.pass(LONG_MS);
    await ann.quiet();
    again.close();
    await eventually(() => scene.one.server.hub.names.connectionsOf(you.user), (n) => n === 0);
    await scene.pass(LONG_MS);
    assertEquals(await ann.until("presence"), { ...shown, here: false });
  });
}

Deno.test("protocol 4.11: a second connection, and a departure of one of two, is no news", async () => {
  await using scene = await startScene(1);
  await scene.pass(LONG_MS);
  const ann = await enter(scene.one, "ann", "ops");
  const bob = await scene.one.connect();
  const { token, you } = await bob.hello("bob");
  await join(bob, "ops");
  await scene.pass(1_000);
  await ann.until("presence");
  const second = await comeBack(scene.one, token);
  await join(second, "ops");
  second.close();
  await eventually(() => scene.one.server.hub.names.connectionsOf(you.user), (n) => n === 1);
  await scene.pass(LONG_MS);
  await ann.quiet();
});

Deno.test("protocol 4.11: a server that has just started sends no arrivals, and a large room no presence", async () => {
  await using scene = await startScene(1);
  const ann = await enter(scene.one, "ann", "ops");
  await enter(scene.one, "bob", "ops");
  await scene.pass(1_000);
  assertEquals((await ann.next()).type, "joined");
  await ann.quiet();
  await scene.pass(LONG_MS);
  for (let n = 0; n < 49; n++) await enter(scene.one, `guest-${n}x`, "ops");
  await scene.pass(1_000);
  await ann.ask({ type: "ping" });
  assertEquals(ann.raw.includes('"presence"'), false);
});

Deno.test("protocol 4.11: an operator who only reads an inquiry is not shown there", async () => {
  await using scene = await startScene(1);
  await scene.pass(LONG_MS);
  const ann = await greet(scene.one, "ann");
  const { room } = await ann.ask({ type: "inquiry", content: "?" });
  const admin = await comeBack(scene.one, scene.one.adminToken);
  await admin.ask({ type: "resume", rooms: [{ room, seq: 0 }] });
  await scene.pass(1_000);
  const kinds = () => (ann.raw.match(/"type":"presence".*/g) ?? []).map((line) => line);
  await ann.ask({ type: "ping" });
  assertEquals(kinds().filter((line) => !line.includes('"ann"')), []);
});

Deno.test("protocol 4.11: the readers of the desk see which operators read an inquiry, and who types in it", async () => {
  await using scene = await startScene(1);
  await scene.pass(LONG_MS);
  const ann = await greet(scene.one, "ann");
  const { room } = await ann.ask({ type: "inquiry", content: "?" });
  const [reader, admin] = [
    await comeBack(scene.one, scene.one.adminToken),
    await comeBack(scene.one, scene.one.adminToken),
  ];
  // Live events begin behind what was missed.
  await reader.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
  await reader.until("desk");
  await admin.ask({ type: "resume", rooms: [{ room, seq: 0 }] });
  await admin.until("message");
  await scene.pass(1_000);
  const shown = async (): Promise<unknown[]> => {
    const { from, here } = await reader.until("presence");
    return from === "ann" ? await shown() : [from, here];
  };
  assertEquals(await shown(), ["admin", true]);
  await ann.send({ type: "typing", room });
  const { from, room: where } = await reader.until("typing");
  assertEquals([from, where], ["ann", room]);
  admin.close();
  await eventually(() => scene.one.server.hub.subscriptions, (n) => n === 2);
  await scene.pass(LONG_MS);
  assertEquals(await shown(), ["admin", false]);
  await ann.ask({ type: "ping" });
  assertEquals(ann.raw.includes('"from":"admin"'), false);
});

Deno.test("protocol 4.10: typing is shown in conversations and inquiries, by who may write there", async () => {
  await using scene = await startScene(1);
  const [ann, bob] = [await account(scene.one, "ann"), await account(scene.one, "bob")];
  const { room } = await ann.ask({ type: "inquiry", content: "?" });
  const admin = await comeBack(scene.one, scene.one.adminToken);
  await join(admin, room);
  await ann.send({ type: "typing", room });
  assertEquals((await admin.until("typing")).from, "ann");
  await admin.send({ type: "typing", room });
  assertEquals((await ann.received("typing", 2)).map(({ room }) => room), [room, room]);
  const refusals = [
    await ann.ask({ type: "typing", room: "lobby" }),
    await ann.ask({ type: "typing", room: "@bob" }),
    await bob.ask({ type: "typing", room }),
  ].map(({ code }) => code);
  assertEquals(refusals, ["bad_field", "no_such_room", "no_such_inquiry"]);
});
