// Protocol 2.3 and 2.4: the order of replies, and what becomes of those who do not read.

import { assert, assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import {
  comeBack,
  enter,
  greet,
  holdCommits,
  JumpingClock,
  range,
  say,
  take,
  texts,
  UNHURRIED,
} from "./scene.ts";
import { eventually } from "../support/waiting.ts";

const ROOMY = { limits: UNHURRIED };

/** The next `n` replies, without the events between them. */
async function replies(client: RawClient, n: number): Promise<Frame[]> {
  const found: Frame[] = [];
  while (found.length < n) {
    const frame = await client.next();
    if (frame.re !== undefined) found.push(frame);
  }
  return found;
}

Deno.test("protocol 2.3: 64 requests in one write are answered in their order, errors among them", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  const asked = range(1, 64).map((id) => {
    if (id === 20) return { type: "message", id, room: "lobby", content: "" };
    if (id === 30) return { type: "message", id, room: "nowhere", content: "x" };
    if (id === 40) return { type: "nonsense", id };
    if (id === 50) return { type: "history", id, room: "lobby", limit: 100 };
    return { type: "message", id, room: "lobby", content: `text ${id}` };
  });
  await ada.send(...asked);
  const answered = await replies(ada, 64);
  assertEquals(answered.map((reply) => reply.re), range(1, 64));
  assertEquals(answered.filter((reply) => reply.type === "error").map((reply) => reply.code), [
    "bad_text",
    "no_such_room",
    "unknown_type",
  ]);
  const oks = answered.filter((reply) => reply.type === "ok");
  assertEquals(oks.map((reply) => reply.seq), range(1, 60));
  // The page in the middle holds what was said before it, and nothing else.
  assertEquals(answered[49]?.events.length, 46);
});

Deno.test("protocol 2.3: requests take effect in the order sent", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await ada.send(
    { type: "message", id: 1, room: "ops", content: "too early" },
    { type: "join", id: 2, room: "ops", create: true },
    { type: "message", id: 3, room: "ops", content: "heard" },
    { type: "leave", id: 4, room: "ops" },
    { type: "message", id: 5, room: "ops", content: "unheard" },
    { type: "join", id: 6, room: "ops" },
    { type: "history", id: 7, room: "ops" },
  );
  const frames: Frame[] = [];
  while (frames.at(-1)?.re !== 7) frames.push(await ada.next());
  assertEquals(
    frames.filter((frame) => frame.re !== undefined).map(({ code, type }) => code ?? type),
    ["no_such_room", "room", "ok", "ok", "ok", "room", "page"],
  );
  // What is said in the moment before a room is left may go unheard, what is said after it must.
  const receivedFrames = frames.filter((frame) =>
    frame.type === "message" && frame.re === undefined
  );
  assert(receivedFrames.every((event) => event.content === "heard"));
  assertEquals(frames.at(-1)?.events.length, 2);
});

Deno.test("protocol 2.3: everything said in one write has its ok before its event, in order", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  await ada.send(
    ...range(1, 200).map((id) => ({ type: "message", id, room: "lobby", content: `${id}` })),
  );
  let acknowledged = 0;
  let reported = 0;
  while (reported < 200) {
    const frame = await ada.next();
    if (frame.type === "ok") assertEquals(frame.seq, ++acknowledged);
    else assertEquals([frame.seq, frame.content], [++reported, `${reported}`]);
    assert(reported <= acknowledged, `${reported} was told before it was acknowledged`);
  }
});

Deno.test("protocol 2.3: at most 64 are on their way, and only pong overtakes", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  const held = holdCommits(server.repository);
  await ada.send(
    ...range(1, 63).map((id) => ({ type: "message", id, room: "lobby", content: "x" })),
    { type: "ping", id: "pong" },
    ...range(64, 80).map((id) => ({ type: "message", id, room: "lobby", content: "x" })),
  );
  assertEquals((await ada.next()).re, "pong");
  const bob = await greet(server, "bob");
  await eventually(() => held.waiting, (waiting) => waiting === 64);
  await bob.quiet();
  assertEquals(held.waiting, 64);
  held.release();
  assertEquals((await replies(ada, 80)).map((reply) => reply.re), range(1, 80));
});

Deno.test("protocol 2.3: any other request waits for the messages before it", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  const held = holdCommits(server.repository);
  await ada.send(
    { type: "message", id: 1, room: "lobby", content: "x" },
    { type: "history", id: 2, room: "lobby" },
    { type: "message", id: 3, room: "lobby", content: "y" },
  );
  const bob = await greet(server, "bob");
  await eventually(() => held.waiting, (waiting) => waiting === 1);
  await bob.quiet();
  assertEquals(held.waiting, 1);
  held.release();
  const [first, page, last] = await replies(ada, 3);
  assertEquals([first?.seq, page?.events.length, last?.seq], [1, 1, 2]);
});

Deno.test("protocol 2.3: a slow commit delays nobody on another connection", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  const held = holdCommits(server.repository);
  await ada.send({ type: "message", id: 1, room: "lobby", content: "slow" });
  await eventually(() => held.waiting, (waiting) => waiting === 1);
  assertEquals((await bob.ask({ type: "join", room: "ops", create: true })).type, "room");
  assertEquals((await bob.ask({ type: "history", room: "lobby" })).type, "page");
  held.release();
});

Deno.test("protocol 2.4: one who does not read what was asked for is not read on, and loses nothing", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(2, { bytes: 30_000 }) });
  // Pages of 60 KB each, far more than the kernel takes for one who does not read.
  const pages = 300;
  const sending = ada.send(
    ...range(1, pages).map((id) => ({ type: "history", id, room: "lobby" })),
  );
  const admin = await comeBack(server, server.adminToken);
  let [queued, still] = [0, 0];
  await eventually(() => admin.ask({ type: "stats" }), ({ counters: { queued_bytes } }) => {
    still = queued_bytes > 0 && queued_bytes === queued ? still + 1 : 0;
    queued = queued_bytes;
    return still === 5;
  });
  assert(queued < 400_000, `${queued} bytes are queued`);
  await sending;
  assertEquals((await replies(ada, pages)).map((reply) => reply.re), range(1, pages));
});

/** Says large texts until the server has one session less; how many it took. */
async function pushUntilCut(writer: RawClient, admin: RawClient): Promise<number> {
  const sessions = async () => (await admin.ask({ type: "stats" })).counters.sessions;
  const before = await sessions();
  let posted = 0;
  while (await sessions() === before) {
    posted += (await say(writer, { texts: texts(10, { bytes: 30_000 }) })).length;
    assert(posted < 1_000, "the stalled reader is not cut");
  }
  return posted;
}

Deno.test("protocol 2.4: a reader who stalls is cut as slow, and nobody else is harmed", async () => {
  await using server = await startTestServer(ROOMY);
  const [stalled, reader] = [await enter(server, "stalled"), await enter(server, "reader")];
  const [writer, admin] = [await greet(server, "ada"), await comeBack(server, server.adminToken)];
  const reading = (async () => {
    const seqs: number[] = [];
    for (;;) {
      const { seq, content } = await reader.until("message");
      if (content === "the end") return seqs;
      seqs.push(seq);
    }
  })();
  const posted = await pushUntilCut(writer, admin);
  await say(writer, { texts: ["the end"] });
  assertEquals(await reading, range(1, posted));

  const received = await stalled.untilEnd();
  const bye = received.pop();
  assertEquals([bye?.type, bye?.code, bye?.reconnect, bye?.after_ms], ["bye", "slow", true, 0]);
  // What did arrive are whole lines, in order, without a gap.
  const seqs = received.filter(({ type }) => type === "message").map(({ seq }) => seq);
  assertEquals(seqs, range(1, seqs.length));
  assert(seqs.length < posted);
});

Deno.test("protocol 2.4: a write that stands still for 10 s ends the connection", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({
    limits: { ...UNHURRIED, queue_bytes: 1_000_000_000, queue_total: 1_000_000_000 },
    clock,
    pace: 50,
  });
  const stalled = await enter(server, "stalled");
  const [writer, admin] = [await greet(server, "ada"), await comeBack(server, server.adminToken)];
  const counters = async () => (await admin.ask({ type: "stats" })).counters;
  while ((await counters()).queued_bytes < 100_000) {
    await say(writer, { texts: texts(10, { bytes: 30_000 }) });
  }
  assertEquals((await counters()).sessions, 3);
  clock.jump(11_000);
  await eventually(counters, ({ sessions }) => sessions === 2);
  assertEquals((await counters()).queued_bytes, 0);
  // There was no way to tell it anything.
  assertEquals((await stalled.untilEnd()).filter(({ type }) => type === "bye"), []);
});

Deno.test("protocol 2.4: when all together have too much waiting, the one with the most is cut", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, queue_bytes: 1_000_000_000, queue_total: 1_000_000 },
    pace: 50,
  });
  const [most, less] = [await enter(server, "most"), await enter(server, "less", "other")];
  const [writer, admin] = [await greet(server, "ada"), await comeBack(server, server.adminToken)];
  await say(writer, { room: "other", texts: texts(3, { bytes: 30_000 }) });
  await pushUntilCut(writer, admin);
  assertEquals((await take(less, { n: 3 })).map(({ seq }) => seq), [1, 2, 3]);
  await less.quiet();
  assertEquals((await most.untilEnd()).at(-1)?.code, "slow");
});

Deno.test("protocol 2.4: a flood of pongs is read at its pace, and costs nobody anything", async () => {
  await using server = await startTestServer({
    limits: { bytes_burst: 20_000, bytes_per_s: 1_000_000 },
  });
  const [ada, bob] = [await greet(server, "ada"), await enter(server, "bob")];
  const before = performance.now();
  await ada.send(...range(1, 20_000).map(() => ({ type: "pong" })));
  await bob.ask({ type: "message", room: "lobby", content: "meanwhile" });
  await ada.quiet();
  // 320 KB, of which the burst and one read of 64 KiB at most have not waited.
  assert(performance.now() - before > 200, "the flood was read at once");
});
