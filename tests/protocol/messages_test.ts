// Protocol 5.1 to 5.3: what is said, who is told, and what ok promises.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, enter, greet, holdCommits, say, speak, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

const ROOMY = { limits: UNHURRIED };

Deno.test("protocol 5.1: on the sender's connection the ok comes before the event", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  await ada.send({ type: "message", id: 1, room: "lobby", content: "hello" });
  const ok = await ada.next();
  assertEquals(ok, { type: "ok", re: 1, room: "lobby", seq: 1, time: ok.time });
  const event = await ada.next();
  assertEquals([event.type, event.seq, event.time], ["message", 1, ok.time]);
});

Deno.test("protocol 5.1: one may speak without being a member, and then hears nothing", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  assertEquals((await speak(bob, "passing by")).seq, 1);
  assertEquals((await ada.next()).content, "passing by");
  await bob.quiet();
  assertEquals((await ada.ask({ type: "members", room: "lobby" })).members.length, 1);
});

Deno.test("protocol 5.1: what is said nowhere is no_such_room", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  const refused = await speak(ada, "x", { room: "nowhere" });
  assertEquals([refused.code, refused.field], ["no_such_room", "room"]);
});

Deno.test("protocol 5.2: the event is the server's word: what a client forges is ignored", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { you } = await bob.hello("bob");
  const forged = {
    seq: 99,
    user: 1,
    from: "admin",
    guest: false,
    time: 1,
    role: "admin",
    dup: true,
    re: 5,
    kind: "response",
  };
  const { time } = await speak(bob, "hello", forged);
  assertNotEquals(time, 1);
  assertEquals(await ada.next(), {
    type: "message",
    room: "lobby",
    seq: 1,
    user: you.user,
    from: "bob",
    guest: true,
    time,
    content: "hello",
  });
});

Deno.test("protocol 5.2: an account's events have no guest", async () => {
  await using server = await startTestServer();
  const [ada, admin] = [await enter(server, "ada"), await comeBack(server, server.adminToken)];
  await speak(admin, "hello");
  const event = await ada.next();
  assertEquals([event.from, Object.hasOwn(event, "guest")], ["admin", false]);
});

Deno.test("protocol 5.2: all who hear the room are sent the same bytes, on each connection", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  const { token } = await ada.hello("ada");
  await ada.ask({ type: "join", room: "lobby" });
  const others = [await comeBack(server, token), await greet(server, "bob")];
  for (const other of others) await other.ask({ type: "join", room: "lobby" });
  await ada.until("joined");
  await speak(ada, "to all of you: \u00e4 \u2028 \u{1f600}");
  const lines = [];
  for (const client of [ada, ...others]) {
    await client.until("message");
    lines.push(client.raw.split("\n").find((line) => line.startsWith('{"type":"message"')));
  }
  assertEquals(new Set(lines).size, 1);
});

Deno.test("protocol 5.3: nobody is told of a message that is not stored, its sender included", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  await ada.until("joined");
  const held = holdCommits(server.repository);
  await ada.send({ type: "message", id: 1, room: "lobby", content: "held" });
  await eventually(() => held.waiting, (waiting) => waiting === 1);
  await ada.quiet();
  await bob.quiet();
  held.release();
  assertEquals((await ada.next()).re, 1);
  assertEquals((await bob.next()).seq, 1);
});

Deno.test("protocol 5.3: a server that starts again on its store still has what it has answered", async () => {
  const directory = await Deno.makeTempDir();
  let epoch = "";
  {
    await using server = await startTestServer({ directory });
    const ada = await server.connect();
    ({ epoch } = await ada.hello("ada"));
    for (const text of ["one", "two"]) await speak(ada, text);
  }
  {
    await using server = await startTestServer({ directory });
    const bob = await server.connect();
    assertEquals((await bob.hello("bob")).epoch, epoch);
    const { events } = await bob.ask({ type: "history", room: "lobby" });
    assertEquals(events.map((event: Frame) => [event.seq, event.content]), [[1, "one"], [
      2,
      "two",
    ]]);
    assertEquals((await speak(bob, "three")).seq, 3);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("protocol 5.3: seqs have no gaps, refusals between them or not", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const seqs: number[] = [];
  for (const content of ["a", "", "b", "\0", "c", "x".repeat(40_000), "d"]) {
    const reply = await speak(ada, content, { cid: `c${content.slice(0, 1)}` });
    if (reply.type === "ok") seqs.push(reply.seq);
    await speak(ada, content, { cid: `c${content.slice(0, 1)}` });
  }
  assertEquals(seqs, [1, 2, 3, 4]);
});

Deno.test("protocol 5.3: the same cid again is answered with the original, and told to nobody", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const { type, seq, time } = await speak(ada, "once", { cid: "c1" });
  assertEquals((await ada.next()).seq, 1);
  await speak(ada, "between");
  await ada.until("message");
  const again = await speak(ada, "once", { cid: "c1" });
  assertEquals([again.type, again.seq, again.time, again.dup], [type, seq, time, true]);
  await ada.quiet();
});

Deno.test("protocol 5.3: the same cid twice in one write is stored once", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const request = { type: "message", room: "lobby", content: "x", cid: "c" };
  await ada.send({ ...request, id: 1 }, { ...request, id: 2 }, { ...request, id: 3, content: "y" });
  const replies = [];
  while (replies.length < 3) {
    const frame = await ada.next();
    if (frame.re !== undefined) replies.push([frame.re, frame.code ?? frame.seq, frame.dup]);
  }
  assertEquals(replies, [[1, 1, undefined], [2, 1, true], [3, "cid_conflict", undefined]]);
});

Deno.test("protocol 5.3: a cid is its user's on every connection, and nobody else's", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await server.connect(), await greet(server, "bob")];
  const { token } = await ada.hello("ada");
  await speak(ada, "mine", { cid: "c" });
  assertEquals((await speak(bob, "mine", { cid: "c" })).seq, 2);
  const back = await comeBack(server, token);
  const again = await speak(back, "mine", { cid: "c" });
  assertEquals([again.seq, again.dup], [1, true]);
});

Deno.test("protocol 5.3: the same cid with another room or text is cid_conflict", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada", "ops");
  await speak(ada, "text", { cid: "c" });
  for (const more of [{ room: "ops" }, { content: "Text" }]) {
    const refused = await speak(ada, "text", { cid: "c", ...more });
    assertEquals([refused.code, refused.field], ["cid_conflict", "cid"]);
  }
});

Deno.test("protocol 5.3: cids are compared as bytes", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const cids = ["c", "C", "c ", "\u00e9", "e\u0301", "e", "\u{1f600}", "\u{1f601}", "x".repeat(64)];
  for (const [at, cid] of cids.entries()) {
    assertEquals((await speak(ada, "x", { cid })).seq, at + 1, cid);
  }
  for (const cid of ["", "x".repeat(65), "\u00e9".repeat(33), "a\nb", "\0", "\ud800", 7, null]) {
    const refused = await speak(ada, "x", { cid });
    assertEquals([refused.code, refused.field], ["bad_field", "cid"], JSON.stringify(cid));
  }
});

Deno.test("protocol 5.3: unavailable is not known to be stored, and the same cid again is safe", async () => {
  const directory = await Deno.makeTempDir();
  {
    await using server = await startTestServer({ directory, storeWaitMs: 500 });
    const ada = await enter(server, "ada");
    using other = new DatabaseSync(`${directory}/parley.db`);
    other.exec("BEGIN IMMEDIATE");
    const refused = await speak(ada, "now or later", { cid: "c" });
    assertEquals([refused.code, refused.retry, refused.after_ms], ["unavailable", true, 1_000]);
    other.exec("ROLLBACK");
    const stored = await speak(ada, "now or later", { cid: "c" });
    assertEquals([stored.type, stored.seq], ["ok", 1]);
    assertEquals((await ada.until("message")).seq, 1);
    await ada.quiet();
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("protocol 5.3: more messages than may wait for the store are unavailable, the others stored", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, pending: 3 } });
  const ada = await enter(server, "ada");
  const replies = await say(ada, { texts: ["a", "b", "c", "d", "e"] });
  const codes = replies.map((reply) => reply.code ?? reply.seq);
  assertEquals(codes.slice(0, 3), [1, 2, 3]);
  assert(codes.slice(3).includes("unavailable"), `${codes}`);
});
