// Protocol 8.1 to 8.3 and 8.5: signs of life, silence, deadlines, counters.

import { assert, assertEquals } from "@std/assert";
import type { Frame } from "../support/clients/raw_client.ts";
import { RunningClock } from "../../lib/time.ts";
import { startTestServer, type TestServerOptions } from "../support/server.ts";
import {
  byeCode,
  byToken,
  comeBack,
  enter,
  greet,
  hello,
  JumpingClock,
  say,
  UNHURRIED,
} from "./scene.ts";
import { until } from "../support/waiting.ts";

/** A clock to be put forward, and a server that looks at it often. */
function hurried(): { clock: JumpingClock; options: TestServerOptions } {
  const clock = new JumpingClock();
  return { clock, options: { clock, pace: 50 } };
}

Deno.test("protocol 8.1: a ping is answered with the server's time, before login too", async () => {
  const { clock, options } = hurried();
  clock.setWall(1_795_374_000_123);
  await using server = await startTestServer(options);
  const ada = await server.connect();
  await ada.send({ type: "ping", id: 7 });
  assertEquals(await ada.next(), { type: "pong", re: 7, time: 1_795_374_000_123 });
  await ada.send({ type: "ping" });
  assertEquals(await ada.next(), { type: "pong", time: 1_795_374_000_123 });
});

Deno.test("protocol 8.1: a pong has no reply", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  await ada.send({ type: "pong" }, { type: "pong", id: 1 });
  await ada.quiet();
  await ada.hello("ada");
  await ada.send({ type: "pong", id: 1 });
  await ada.quiet();
});

Deno.test("protocol 8.2: after 30 s of silence the server pings, once; any byte is life", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const ada = await greet(server, "ada");
  clock.jump(31_000);
  assertEquals(await ada.next(), { type: "ping" });
  clock.jump(31_000);
  // A byte that is not even a frame: from here on another 30 s are silent.
  await ada.send("");
  await ada.quiet();
  clock.jump(31_000);
  assertEquals(await ada.next(), { type: "ping" });
});

Deno.test("protocol 8.2: after 75 s of silence the server says bye", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  clock.jump(74_000);
  assertEquals(await ada.next(), { type: "ping" });
  assertEquals(await bob.next(), { type: "ping" });
  await bob.send({ type: "pong" });
  await bob.quiet();
  clock.jump(2_000);
  const [bye] = await ada.untilEnd();
  assertEquals([bye?.code, bye?.reconnect, bye?.after_ms], ["idle", true, 0]);
  await bob.quiet();
});

Deno.test("protocol 8.2: while the server is stopped nobody is silent", async () => {
  const jumping = new JumpingClock();
  const running = new RunningClock({
    usualGapMs: 1_000,
    timers: { monotonic: () => jumping.monotonic(), start: () => () => {} },
  });
  let looks = 0;
  const clock = {
    now: () => jumping.now(),
    monotonic(): number {
      looks++;
      return running.monotonic();
    },
  };
  await using server = await startTestServer({ clock, pace: 50 });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  for (let stop = 1; stop <= 3; stop++) {
    jumping.jump(80_000);
    // The rounds that come before anything is read judge nobody.
    const before = looks;
    await until(() => looks > before + 5);
  }
  await ada.quiet();
  await bob.quiet();
});

Deno.test("protocol 8.2: a client on this machine may ask for more silence, or for any", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const ada = await server.connect();
  const welcome = await ada.hello("ada", { idle_ms: 0 });
  assertEquals(welcome.limits.idle_ms, 0);
  const bob = await server.connect();
  assertEquals((await bob.hello("bob", { idle_ms: 7_200_000 })).limits.idle_ms, 7_200_000);
  clock.jump(7_000_000);
  assertEquals([await ada.next(), await bob.next()], [{ type: "ping" }, { type: "ping" }]);
  clock.jump(300_000);
  assertEquals(await byeCode(bob), "idle");
  clock.jump(7 * 86_400_000);
  await ada.quiet();
});

Deno.test("protocol 8.2: a client may ask for less silence, but not for less than a second", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const ada = await server.connect();
  assertEquals((await ada.hello("ada", { idle_ms: 5 })).limits.idle_ms, 1_000);
  clock.jump(600);
  assertEquals(await ada.next(), { type: "ping" });
  clock.jump(500);
  assertEquals(await byeCode(ada), "idle");
});

Deno.test("protocol 8.3: one that has sent nothing is kept for 15 minutes, then ended without a word", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const silent = await server.connect();
  // Asked by another, the server has accepted this one and seen the clock.
  const admin = await server.connect();
  await hello(admin, byToken(server.adminToken), { idle_ms: 0 });
  clock.jump(890_000);
  assertEquals((await admin.ask({ type: "stats" })).counters.connections, 2);
  clock.jump(11_000);
  assertEquals(await silent.untilEnd(), []);
  assertEquals(silent.raw, "");
});

for (
  const [what, bytes] of [
    ["a frame that does not end", '{"type":"hello",'],
    ["an object without its newline", '{"type":"ping","id":1}'],
    ["the beginning of an HTTP verb", "GE"],
    ["what is no frame", "hello"],
  ] as const
) {
  Deno.test(`protocol 8.3: ${what} has 10 s from its first byte on`, async () => {
    const { clock, options } = hurried();
    await using server = await startTestServer(options);
    const slow = await server.connect();
    clock.jump(60_000);
    await slow.write(new TextEncoder().encode(bytes));
    // The admin's answer comes after the sweeps that saw those bytes.
    const admin = await comeBack(server, server.adminToken);
    await admin.ask({ type: "stats" });
    clock.jump(11_000);
    assertEquals(await byeCode(slow), "idle");
  });
}

Deno.test("protocol 8.3: login has 30 s from the first byte on, whatever else is said", async () => {
  const { clock, options } = hurried();
  await using server = await startTestServer(options);
  const [ada, slow] = [await server.connect(), await server.connect()];
  await ada.ask({ type: "hello", version: 1 });
  await slow.write(new TextEncoder().encode('{"type":"hello",'));
  await ada.ask({ type: "ping" });
  clock.jump(20_000);
  // Who has not come to the end of a frame goes; who has said one whole stays.
  assertEquals(await byeCode(slow), "idle");
  assertEquals((await ada.ask({ type: "ping" })).type, "pong");
  clock.jump(11_000);
  assertEquals(await byeCode(ada), "idle");
});

Deno.test("protocol 8.3: when too many have not logged in, the one without progress for longest makes room", async () => {
  await using server = await startTestServer({ limits: { unauthenticated: 2 } });
  const [first, second] = [await server.connect(), await server.connect()];
  await second.send({ type: "ping", id: 1 });
  assertEquals((await second.next()).re, 1);
  const third = await server.connect();
  await third.send({ type: "ping", id: 1 });
  assertEquals((await third.next()).re, 1);
  assertEquals(await first.untilEnd(), []);
  // A ping is no way to a login; one that has spoken is told why it goes.
  const fourth = await server.connect();
  assertEquals(await byeCode(second), "too_many");
  await fourth.hello("ada");
  assertEquals((await third.ask({ type: "hello", version: 1 })).type, "welcome");
  const fifth = await server.connect();
  assertEquals((await fifth.hello("bob")).type, "welcome");
});

Deno.test("protocol 8.3: those that have logged in make room for nobody", async () => {
  await using server = await startTestServer({ limits: { connections: 2 } });
  const [ada, silent] = [await enter(server, "ada"), await server.connect()];
  const bob = await enter(server, "bob");
  assertEquals(await silent.untilEnd(), []);
  assertEquals(await byeCode(await server.connect()), "too_many");
  for (const one of [ada, bob]) assertEquals((await one.ask({ type: "ping" })).type, "pong");
});

Deno.test("protocol 8.5: the counters are for the admin alone", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await enter(server, "ada");
  assertEquals((await ada.ask({ type: "stats" })).code, "forbidden");
  const admin = await comeBack(server, server.adminToken);
  await say(ada, { texts: ["hello"] });
  const silent = await server.connect();
  await silent.send({ type: "ping" });
  await silent.next();
  const { counters } = await admin.ask({ type: "stats" });
  const expected: Frame = {
    connections: 3,
    sessions: 2,
    users: 2,
    // The lobby, the desk and its signals.
    rooms: 3,
    subscriptions: 1,
    pending: 0,
    accepted: 3,
    refused_connections: 0,
    out_of_descriptors: 0,
    internal_errors: 0,
  };
  for (const [name, value] of Object.entries(expected)) assertEquals(counters[name], value, name);
  assert(Object.values(counters).every(Number.isSafeInteger));
});
