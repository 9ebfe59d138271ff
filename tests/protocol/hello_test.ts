// Protocol 3.1 to 3.3: who is there, and what a welcome says.

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { StoreError } from "../../lib/store/repository.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { byToken, comeBack, greet, guest, hello, say, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

Deno.test("protocol 3.1: a guest is welcome, with all that a client needs to know", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  const welcome = await hello(ada, guest("ada"), { client: "test/1.0" });
  const { re: _re, time, token, you, epoch, server: program, features, ...rest } = welcome;
  assertEquals(rest, {
    type: "welcome",
    version: 1,
    limits: {
      frame: 65_536,
      content: 32_768,
      page: 100,
      pipeline: 64,
      messages_burst: 10,
      messages_per_s: 2,
      history_burst: 100,
      history_per_s: 100,
      inquiries_open: 20,
      inquiries_open_guest: 3,
      idle_ms: 75_000,
    },
    rooms: [],
  });
  assertEquals([you.name, you.role], ["ada", "guest"]);
  assert(Number.isSafeInteger(you.user));
  assert(Math.abs(time - Date.now()) < 10_000);
  assertMatch(token, /^ply_[0-9A-Za-z]{49}$/);
  assertMatch(program, /^parley\/\d/);
  assert(features.includes("history") && features.includes("resume"));
  assertNotEquals(epoch, "");
});

Deno.test("protocol 3.1: everything but hello, login, ping and pong waits for a login", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  for (
    const type of ["join", "leave", "rooms", "members", "message", "history", "read", "resume"]
  ) {
    const refused = await ada.ask({ type, room: 7 });
    assertEquals([refused.type, refused.code], ["error", "not_authenticated"], type);
  }
  assertEquals((await ada.ask({ type: "stats" })).code, "not_authenticated");
  assertEquals((await ada.ask({ type: "nonsense" })).code, "unknown_type");
  assertEquals((await ada.ask({ type: "login", auth: guest("ada") })).code, "bad_state");
  assertEquals((await ada.ask({ type: "ping" })).type, "pong");
  assertEquals((await ada.hello("ada")).type, "welcome");
});

Deno.test("protocol 3.1: another version is refused, and this one may follow", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  for (const version of [0, 2, "1", 1.5, null, undefined, [1]]) {
    const refused = await ada.ask({ type: "hello", version, auth: guest("ada") });
    assertEquals([refused.code, refused.field], ["bad_field", "version"]);
  }
  assertEquals((await ada.hello("ada")).type, "welcome");
});

Deno.test("protocol 3.1: each field has its type, and the first one at fault is named", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await server.connect();
  const cases: readonly (readonly [object, string, string])[] = [
    [{ id: "" }, "id", "bad_field"],
    [{ id: "x".repeat(65) }, "id", "bad_field"],
    [{ id: 1.5 }, "id", "bad_field"],
    [{ client: "" }, "client", "bad_field"],
    [{ client: "x".repeat(65) }, "client", "bad_field"],
    [{ client: "tab\t" }, "client", "bad_field"],
    [{ auth: null }, "auth", "bad_field"],
    [{ auth: [] }, "auth", "bad_field"],
    [{ auth: {} }, "auth.method", "bad_field"],
    [{ auth: { method: "fingerprint", name: "ada" } }, "auth.method", "bad_field"],
    [{ auth: { method: "password", name: "ada" } }, "auth.password", "bad_field"],
    [
      { auth: { method: "password", name: "ada", password: "a\u0000b" } },
      "auth.password",
      "bad_field",
    ],
    [{ auth: { method: "guest" } }, "auth.name", "bad_field"],
    [{ auth: guest("") }, "auth.name", "bad_name"],
    [{ auth: { method: "token" } }, "auth.token", "bad_field"],
    [{ auth: byToken("") }, "auth.token", "bad_field"],
    [{ auth: byToken("x".repeat(257)) }, "auth.token", "bad_field"],
    [{ idle_ms: -1 }, "idle_ms", "bad_field"],
    [{ idle_ms: "0" }, "idle_ms", "bad_field"],
    [{ version: 2, client: 7, auth: 7, idle_ms: -1 }, "version", "bad_field"],
    [{ client: 7, auth: 7, idle_ms: -1 }, "client", "bad_field"],
    [{ auth: 7, idle_ms: -1 }, "auth", "bad_field"],
  ];
  for (const [fields, field, code] of cases) {
    await ada.send({ type: "hello", id: 1, version: 1, auth: guest("ada"), ...fields });
    const refused = await ada.next();
    assertEquals([refused.code, refused.field], [code, field], JSON.stringify(fields));
  }
  assertEquals((await ada.hello("ada")).type, "welcome");
});

Deno.test("protocol 3.1: a second hello is refused, and the session goes on as who it is", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  assertEquals((await hello(ada, guest("bob"))).code, "bad_state");
  assertEquals((await ada.ask({ type: "login", auth: guest("bob") })).code, "bad_state");
  await ada.ask({ type: "join", room: "lobby" });
  const { members } = await ada.ask({ type: "members", room: "lobby" });
  assertEquals(members.map((member: Frame) => member.name), ["ada"]);
});

Deno.test("protocol 3.1: a hello that the store cannot answer has changed nothing", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  const { token } = await ada.hello("ada");
  ada.close();
  const { members } = server.repository;
  const ofUser = members.ofUser.bind(members);
  let isAway = true;
  Object.assign(members, {
    ofUser: (...asked: Parameters<typeof ofUser>) => {
      if (isAway) throw new StoreError("unavailable", "the database is away");
      return ofUser(...asked);
    },
  });
  const again = await server.connect();
  assertEquals((await hello(again, byToken(token))).code, "unavailable");
  isAway = false;
  assertEquals((await hello(again, byToken(token))).you.name, "ada");
});

Deno.test("protocol 3.1: at most ten sessions of one user", async () => {
  await using server = await startTestServer({ limits: { sessions_per_user: 3 } });
  const first = await server.connect();
  const { token } = await first.hello("ada");
  await comeBack(server, token);
  const third = await comeBack(server, token);
  const fourth = await server.connect();
  const busy = await hello(fourth, byToken(token));
  assertEquals([busy.code, busy.retry], ["busy", true]);
  assert(busy.after_ms >= 250 && busy.after_ms < 500, String(busy.after_ms));
  third.close();
  const reply = await eventually(
    () => hello(fourth, byToken(token)),
    ({ code }) => code !== "busy",
  );
  assertEquals(reply.you.name, "ada");
  assertEquals(DEFAULT_LIMITS.sessions_per_user, 10);
});

Deno.test("protocol 3.2: a hello without auth is welcome as nobody, and a login follows", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  const nobody = await ada.ask({ type: "hello", version: 1, idle_ms: 9_000 });
  assertEquals([nobody.you, nobody.token, nobody.rooms], [null, undefined, []]);
  assertEquals(nobody.methods, ["guest", "token", "password", "code"]);
  assertNotEquals(nobody.nonce, "");
  assertEquals((await ada.ask({ type: "rooms" })).code, "not_authenticated");
  assertEquals((await ada.ask({ type: "hello", version: 1 })).code, "bad_state");
  assertEquals((await ada.ask({ type: "login" })).field, "auth");
  const someone = await ada.ask({ type: "login", auth: guest("ada") });
  assertEquals([someone.type, someone.you.name], ["welcome", "ada"]);
  assertEquals(someone.limits.idle_ms, 9_000);
  assertEquals((await ada.ask({ type: "login", auth: guest("bob") })).code, "bad_state");
});

Deno.test("protocol 3.3: a welcome lists one's rooms, latest activity first, and says if there are more", async () => {
  const limits = { ...UNHURRIED, rooms_owned: 200, rooms_joined: 200 };
  await using server = await startTestServer({ limits });
  const [ada, bob] = [await server.connect(), await greet(server, "bob")];
  const { token } = await ada.hello("ada");
  for (let n = 0; n < 99; n++) {
    await ada.send({ type: "join", room: `room${n}`, create: true });
    await ada.until("room");
  }
  await bob.ask({ type: "join", room: "lobby" });
  await ada.ask({ type: "join", room: "lobby" });
  await say(bob, { texts: ["@ada?", "hello"] });
  const welcome = async () => {
    const client = await server.connect();
    const { rooms, more_rooms } = await hello(client, byToken(token));
    client.close();
    return [rooms.length, more_rooms, rooms[0]];
  };
  const lobby = {
    room: "lobby",
    kind: "public",
    first: 1,
    last: 2,
    read: 0,
    unread: 2,
    mentions: 1,
  };
  assertEquals(await welcome(), [100, undefined, lobby]);
  await ada.ask({ type: "join", room: "one-more", create: true });
  assertEquals(await welcome(), [100, true, lobby]);
});
