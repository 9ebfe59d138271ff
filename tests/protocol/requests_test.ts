// Protocol 2.1, 2.2 and 2.6: requests and their replies, values, and which fault is answered.

import { assert, assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { enter, greet, JumpingClock, say, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

Deno.test("protocol 2.1: a reply carries the id of its request, an event none", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  for (const id of ["a", "x".repeat(64), "\u00e4".repeat(32), 0, -7, Number.MAX_SAFE_INTEGER]) {
    await ada.send({ type: "message", id, room: "lobby", content: "x" });
    assertEquals((await ada.next()).re, id);
    assertEquals(Object.hasOwn(await ada.next(), "re"), false);
  }
});

Deno.test("protocol 2.1: without an id the reply has no re", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  await ada.send({ type: "rooms" }, { type: "rooms", limit: 0 }, { type: "nonsense" });
  for (const type of ["rooms", "error", "error"]) {
    const reply = await ada.next();
    assertEquals([reply.type, Object.hasOwn(reply, "re")], [type, false]);
  }
});

Deno.test("protocol 2.1: an id that no reply can carry is bad_field, and not carried", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (const id of ["", "x".repeat(65), "\u00e4".repeat(33), 1.5, 2 ** 53, null, true, [1], {}]) {
    await ada.send({ type: "rooms", id });
    const { code, field, re } = await ada.next();
    assertEquals([code, field, re], ["bad_field", "id", undefined], JSON.stringify(id));
    await ada.send({ type: "nonsense", id });
    assertEquals((await ada.next()).code, "unknown_type");
  }
});

Deno.test("protocol 2.1: fields that are not known are ignored, however deep", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const deep = "[".repeat(8_000) + "]".repeat(8_000);
  await ada.send(`{"type":"rooms","id":1,"deep":${deep},"__proto__":{"limit":0},"constructor":1}`);
  assertEquals((await ada.next()).type, "rooms");
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, at]));
  assertEquals((await ada.ask({ type: "rooms", ...many })).type, "rooms");
});

Deno.test("protocol 2.1: no type is known but those of this page", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (
    const type of ["", "nonsense", "__proto__", "constructor", "toString", "welcome", "ok", "PING"]
  ) {
    const refused = await ada.ask({ type });
    assertEquals([refused.type, refused.code], ["error", "unknown_type"], type);
  }
});

Deno.test("protocol 2.2: an integer is a safe one, and null is not the same as nothing", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (const seq of ["1e400", "9007199254740992", "0.5", "-1", "-0", "null", '"1"', "true", "[]"]) {
    await ada.send(`{"type":"read","id":1,"room":"lobby","seq":${seq}}`);
    const { code, field } = await ada.next();
    assertEquals([code, field], ["bad_field", "seq"], seq);
  }
  // Written otherwise, it is the same number.
  await ada.send('{"type":"history","id":1,"room":"lobby","limit":1e1,"before":0.0}');
  assertEquals((await ada.next()).type, "page");
});

Deno.test("protocol 2.2: time never decreases inside a room by small steps of the clock, and follows a large one", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ clock });
  const ada = await greet(server, "ada");
  const times: number[] = [];
  for (const now of [5_000, 9_000, 2_000, 9_500, 315_360_000_000, 9_600]) {
    clock.setWall(now);
    const [ok] = await say(ada, { texts: ["x"] });
    times.push(ok?.time);
  }
  assertEquals(times, [5_000, 9_000, 9_000, 9_500, 315_360_000_000, 9_600]);
});

Deno.test("protocol 2.6: of several faults the first in the page's order is answered", async () => {
  await using server = await startTestServer({
    limits: { requests_burst: 1, requests_per_s: 0.01 },
  });
  const nobody = await server.connect();
  const code = async (request: object | string) => {
    await nobody.send(request);
    const frame = await nobody.next();
    return frame.field === undefined ? frame.code : `${frame.code} ${frame.field}`;
  };
  // Type before login, login before fields.
  assertEquals(await code({ id: [], type: 7 }), "bad_frame");
  assertEquals(await code({ id: [], type: "nonsense" }), "unknown_type");
  assertEquals(await code({ id: [], type: "join", room: 7 }), "not_authenticated");
  // Fields before rate, in the order of the page; the hello takes the one request there is.
  assertEquals(await code({ id: [], type: "hello", version: 7 }), "bad_field id");
  assertEquals(await code({ type: "hello", version: 7, client: 7 }), "bad_field version");
  assertEquals((await nobody.hello("ada")).type, "welcome");
  assertEquals(await code({ type: "stats", id: [] }), "bad_field id");
  assertEquals(await code({ type: "join", room: 7, create: 7 }), "bad_field room");
  assertEquals(await code({ type: "join", room: "-", create: 7 }), "bad_name room");
  assertEquals(await code({ type: "join", room: "nowhere", create: 7 }), "bad_field create");
  assertEquals(await code({ type: "members", room: "a", after: 7, limit: 0 }), "bad_field after");
  assertEquals(
    await code({ type: "message", room: "a", content: "", cid: 7 }),
    "bad_text content",
  );
  assertEquals(await code({ type: "message", room: "a", content: "x", cid: "" }), "bad_field cid");
  assertEquals(await code({ type: "history", room: "a", limit: 0, before: -1 }), "bad_field limit");
  assertEquals(await code({ type: "resume", epoch: 7, rooms: 7 }), "bad_field epoch");
  // Rate before right and state.
  assertEquals(await code({ type: "stats" }), "rate_limited");
  assertEquals(await code({ type: "join", room: "nowhere" }), "rate_limited");
  assertEquals(await code({ type: "hello", version: 1 }), "rate_limited");
});

Deno.test("protocol 2.6: right comes before state", async () => {
  await using server = await startTestServer({ createRooms: "operators" });
  const ada = await greet(server, "ada");
  assertEquals((await ada.ask({ type: "stats" })).code, "forbidden");
  assertEquals((await ada.ask({ type: "join", room: "new", create: true })).code, "forbidden");
});

Deno.test("protocol 2.6: an error says what is wrong and what is allowed, never more of the input than it must", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const { message } = await ada.ask({ type: "join", room: `\u001b[31m${"x".repeat(500)}` });
  assert(message.length < 200 && message.includes("letters"), message);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\0-\x1f\x7f-\x9f]/.test(message), false);
});
