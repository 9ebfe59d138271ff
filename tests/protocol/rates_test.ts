// Protocol 2.5 and the limits of section 11 that count: what is delayed, what is refused, and when
// it is enough.

import { assert, assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { enter, greet, JumpingClock, range, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

/** How long something takes, in milliseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Sends requests in one write; their replies. */
async function askAll(client: RawClient, requests: readonly object[]): Promise<Frame[]> {
  await client.send(...requests.map((request, id) => ({ id, ...request })));
  const replies: Frame[] = [];
  while (replies.length < requests.length) {
    const frame = await client.next();
    if (frame.re !== undefined) replies.push(frame);
  }
  return replies;
}

const MESSAGE = { type: "message", room: "lobby", content: "x" };

Deno.test("protocol 2.5: messages over the rate are delayed, not refused, and keep their order", async () => {
  await using server = await startTestServer({ limits: { messages_burst: 3, messages_per_s: 20 } });
  const ada = await enter(server, "ada");
  let replies: Frame[] = [];
  const ms = await timed(async () => {
    replies = await askAll(ada, range(1, 9).map((n) => ({ ...MESSAGE, content: `${n}` })));
  });
  assertEquals(replies.map((reply) => [reply.type, reply.seq]), range(1, 9).map((n) => ["ok", n]));
  assert(ms > 250, `six messages at 20 a second took ${ms} ms`);
});

Deno.test("protocol 2.5: while messages wait, what comes behind them is not read", async () => {
  await using server = await startTestServer({ limits: { messages_burst: 1, messages_per_s: 5 } });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  const ms = await timed(async () => {
    await ada.send({ ...MESSAGE, id: 1 }, { ...MESSAGE, id: 2 }, { type: "ping", id: 3 });
    assertEquals((await bob.ask({ type: "ping" })).type, "pong");
    while ((await ada.next()).re !== 3);
  });
  assert(ms > 180, `the pong came after ${ms} ms`);
});

Deno.test("protocol 2.5: while the server does not read, silence is not counted", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({
    limits: { messages_burst: 1, messages_per_s: 2 },
    clock,
    pace: 50,
  });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await ada.send({ ...MESSAGE, id: 1 }, { ...MESSAGE, id: 2 });
  assertEquals((await ada.next()).re, 1);
  clock.jump(80_000);
  assertEquals((await bob.next()).code, "idle");
  assertEquals((await ada.next()).re, 2);
  await ada.quiet();
});

Deno.test("protocol 2.5: a message that would wait more than 10 s is refused", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({
    limits: { messages_burst: 1, messages_per_s: 0.05 },
    clock,
  });
  const ada = await greet(server, "ada");
  assertEquals((await ada.ask(MESSAGE)).type, "ok");
  const refused = await ada.ask(MESSAGE);
  assertEquals([refused.code, refused.retry], ["rate_limited", true]);
  assert(refused.after_ms > 19_000 && refused.after_ms <= 20_000);
  clock.jump(refused.after_ms);
  assertEquals((await ada.ask(MESSAGE)).type, "ok");
});

Deno.test("protocol 2.5: bytes over the rate are not read for a while", async () => {
  await using server = await startTestServer({
    limits: { bytes_burst: 5_000, bytes_per_s: 50_000 },
  });
  const ada = await greet(server, "ada");
  const padding = ".".repeat(20_000);
  await ada.ask({ type: "ping", padding });
  const ms = await timed(() => ada.ask({ type: "ping" }));
  assert(ms > 200, `after 15 KB too many at 50 KB a second it took ${ms} ms`);
});

Deno.test("protocol 2.5: pages of history are delayed by a rate of their own, and come in order", async () => {
  await using server = await startTestServer({ limits: { history_burst: 5, history_per_s: 20 } });
  const ada = await greet(server, "ada");
  const asked = range(1, 9).map(() => ({ type: "history", room: "lobby" }));
  const ms = await timed(async () => {
    const pages = await askAll(ada, asked);
    assertEquals(pages.map(({ code, type }) => code ?? type), asked.map(() => "page"));
  });
  assert(ms > 150, `four pages too many at 20 a second took ${ms} ms`);
});

Deno.test("protocol 2.5: one who asks for page after page is never refused", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  const asked = range(1, 120).map(() => ({ type: "history", room: "lobby" }));
  const pages = await askAll(ada, asked);
  assertEquals(pages.filter(({ type }) => type !== "page"), []);
});

Deno.test("protocol 2.5: all other requests share one rate, messages and pings do not count", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({
    limits: { requests_burst: 4, requests_per_s: 0.1 },
    clock,
  });
  // The hello is the first of them.
  const ada = await greet(server, "ada");
  const replies = await askAll(ada, [
    { type: "join", room: "lobby" },
    { type: "ping" },
    { type: "rooms" },
    MESSAGE,
    { type: "resume", rooms: [] },
    { type: "members", room: "lobby" },
    { type: "leave", room: "lobby" },
    MESSAGE,
    { type: "ping" },
  ]);
  const byId = replies.toSorted((a, b) => a.re - b.re).map(({ code, type }) => code ?? type);
  assertEquals(byId, [
    "room",
    "pong",
    "rooms",
    "ok",
    "resumed",
    "rate_limited",
    "rate_limited",
    "ok",
    "pong",
  ]);
  clock.jump(10_000);
  assertEquals((await ada.ask({ type: "leave", room: "lobby" })).type, "ok");
});

Deno.test("protocol 2.5: one's rate is nobody else's", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await askAll(ada, range(1, 30).map(() => ({ type: "rooms" })));
  assertEquals((await bob.ask({ type: "rooms" })).type, "rooms");
});

Deno.test("protocol 2.5: more refusals than a minute allows are a flood", async () => {
  await using server = await startTestServer({ limits: { refusals_per_min: 5 } });
  const ada = await greet(server, "ada");
  await ada.send(
    "not json",
    { type: "nonsense" },
    { type: "join", room: "-" },
    { type: "join", room: "nowhere" },
    { type: "message", room: "lobby", content: "" },
    { type: "message", room: "nowhere", content: "x" },
    { type: "ping", id: "unheard" },
  );
  const frames = await ada.untilEnd();
  assertEquals(frames.map((frame) => frame.type), [...Array(6).fill("error"), "bye"]);
  assertEquals([frames[6]?.code, frames[6]?.reconnect], ["flood", false]);
});

Deno.test("protocol 2.5: fewer refusals than that, over a longer time, are none", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ limits: { refusals_per_min: 5 }, clock });
  const ada = await greet(server, "ada");
  for (let n = 0; n < 12; n++) {
    assertEquals((await ada.ask({ type: "nonsense" })).code, "unknown_type");
    clock.jump(12_000);
  }
});

Deno.test("protocol 11: more connections than the server takes are told too_many", async () => {
  await using server = await startTestServer({ limits: { connections: 2 } });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  const third = await server.connect();
  const [bye] = await third.untilEnd();
  assertEquals([bye?.code, bye?.reconnect], ["too_many", true]);
  assert(bye?.after_ms >= 0 && bye?.after_ms < 5_000);
  await ada.quiet();
  bob.close();
  await eventually(async () => {
    const next = await server.connect();
    await next.send({ type: "ping" });
    return (await next.nextOrEnd())?.type;
  }, (type) => type === "pong");
});

Deno.test("protocol 11: what the operator has set is what welcome tells and what is enforced", async () => {
  const limits = { ...UNHURRIED, content: 10, page: 3, idle_ms: 5_000 };
  await using server = await startTestServer({ limits });
  const ada = await server.connect();
  const { limits: reported } = await ada.hello("ada");
  assertEquals([reported.content, reported.page, reported.idle_ms], [10, 3, 5_000]);
  assertEquals((await ada.ask({ ...MESSAGE, content: "12345678901" })).code, "too_long");
  await askAll(ada, range(1, 5).map(() => MESSAGE));
  const { events } = await ada.ask({ type: "history", room: "lobby", limit: 50 });
  assertEquals(events.length, 3);
});
