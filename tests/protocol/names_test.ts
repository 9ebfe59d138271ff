// Protocol 3.4 and 3.5: what users are called, and how they come back.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { userNameOf } from "../../lib/chat/people/names.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, enter, greet, guest, hello, say, texts, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

const isWelcome = ({ type }: Frame) => type === "welcome";

Deno.test("protocol 3.4: a name in use, or one that looks like it, is taken", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  await greet(server, "bob");
  await greet(server, "lan");
  const ada = await server.connect();
  for (const name of ["bob", "BOB", "b0b", "B0B", "Ian"]) {
    const refused = await hello(ada, guest(name));
    assertEquals([refused.code, refused.field], ["name_taken", "auth.name"], name);
  }
  assertEquals((await hello(ada, guest("ian"))).type, "welcome");
});

Deno.test("protocol 3.4: names that carry power or address everybody are taken for ever", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await server.connect();
  for (
    const name of [
      "admin",
      "Adm1n",
      "adrnin",
      "SYSTEM",
      "r00t",
      "c0nsole",
      "support",
      "All",
      "here",
    ]
  ) {
    assertEquals((await hello(ada, guest(name))).code, "name_taken", name);
  }
});

Deno.test("protocol 3.4: names that look harmless are, to the last letter", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  for (const name of ["Ali", "Arno", "corn", "hereby", "a1", "a".repeat(32), "x_y-z"]) {
    assertEquals((await (await server.connect()).hello(name)).you?.name, name);
  }
});

Deno.test("protocol 3.4: what is no name is bad_name", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await server.connect();
  for (
    const name of [
      "a",
      "a".repeat(33),
      "1a",
      "_a",
      "a-",
      "a b",
      "ada.",
      "\u0430da",
      "ad\u00e4",
      "a\nb",
    ]
  ) {
    assertEquals((await hello(ada, guest(name))).code, "bad_name", name);
  }
});

Deno.test("protocol 3.4: a guest's name stays theirs while they are away, and a free one is suggested", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const first = await server.connect();
  const { token, you } = await first.hello("ada");
  first.close();
  const other = await server.connect();
  for (const name of ["ada", "ADA"]) {
    const refused = await hello(other, guest(name));
    assertEquals([refused.code, refused.field], ["name_taken", "auth.name"]);
    assertEquals(refused.suggestion, `${name}2`);
    assert(refused.message.includes(`"${name}2" is free`), refused.message);
  }
  assertEquals((await hello(other, guest("ada2"))).you.name, "ada2");
  const third = await hello(await server.connect(), guest("ada"));
  assertEquals(third.suggestion, "ada3");
  assertEquals((await hello(await server.connect(), byToken(token))).you, you);
});

Deno.test("protocol 3.4: a name is free when its guest's token has ended; what they said keeps it", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const reader = await enter(server, "reader");
  const first = await server.connect();
  const { you } = await first.hello("ada");
  await first.ask({ type: "message", room: "lobby", content: "as the first" });
  first.close();
  await server.repository.users.expire({ now: Date.now() + 31 * 86_400_000 });
  const next = await eventually(
    () => server.connect().then((c) => hello(c, guest("Ada"))),
    isWelcome,
  );
  assertNotEquals(next.you.user, you.user);
  const { events } = await reader.ask({ type: "history", room: "lobby" });
  assertEquals(events.map((event: Frame) => [event.user, event.from]), [[you.user, "ada"]]);
});

Deno.test("protocol 3.4: a guest of an older store whose name is another's gets a number, for good; what they said does not", async () => {
  const directory = await Deno.makeTempDir({ prefix: "parley-names-" });
  await using after = new AsyncDisposableStack();
  after.defer(() => Deno.remove(directory, { recursive: true }));
  const { token, you } = await (async () => {
    await using server = await startTestServer({ directory });
    const ada = await server.connect();
    await ada.ask({ type: "hello", version: 1, auth: guest("ada"), id: 1 });
    const welcome = await hello(await server.connect(), guest("eve"));
    const eve = await comeBack(server, welcome.token);
    await eve.ask({ type: "message", room: "lobby", content: "as ada" });
    return welcome;
  })();
  // As an earlier version has left it, in which both had come as ada.
  const database = new DatabaseSync(`${directory}/parley.db`);
  database.exec(
    "UPDATE Users SET username = 'ada', name_key = NULL, name_skeleton = NULL " +
      "WHERE username = 'eve'; UPDATE Messages SET author = 'ada';",
  );
  database.close();
  await using server = await startTestServer({ limits: UNHURRIED, directory });
  const reader = await enter(server, "reader");
  await server.repository.users.ensureAccount({
    name: userNameOf("ada2"),
    role: "member",
    now: 0,
  });
  const back = await server.connect();
  const welcome = await hello(back, byToken(token));
  assertEquals([welcome.you.user, welcome.you.name], [you.user, "ada3"]);
  await back.ask({ type: "message", room: "lobby", content: "as ada3" });
  const { events } = await reader.ask({ type: "history", room: "lobby" });
  assertEquals(events.map((event: Frame) => [event.user, event.from]), [
    [you.user, "ada"],
    [you.user, "ada3"],
  ]);
  back.close();
  const later = await server.connect();
  assertEquals((await hello(later, byToken(token))).you.name, "ada3");
  assertEquals((await hello(await server.connect(), guest("ada3"))).code, "name_taken");
  later.close();
});

Deno.test("protocol 3.4: no guest is given the name of an account, or one that looks like it", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const { users } = server.repository;
  for (const name of ["bob", "bob2"]) {
    await users.ensureAccount({ name: userNameOf(name), role: "member", now: 0 });
  }
  const eve = await server.connect();
  for (const name of ["bob", "B0B", "bob2"]) {
    const refused = await hello(eve, guest(name));
    assertEquals([refused.code, refused.suggestion], [
      "name_taken",
      name === "bob2" ? "bob22" : `${name}3`,
    ]);
  }
  const reader = await enter(server, "reader");
  const { id } = await users.createPassingGuest(() => "the last");
  await users.ensureAccount({ name: userNameOf(`legacy-${id + 2}`), role: "member", now: 0 });
  const legacy = await server.connect();
  await legacy.write(new TextEncoder().encode('{"type":"message","content":"hello"}'));
  const { user, from } = await reader.until("message");
  assertEquals([user, from], [id + 3, `legacy-${id + 3}`]);
});

Deno.test("protocol 3.4: a guest without a token is called by a number that nobody else has, on any server of the store, before or after", async () => {
  const directory = await Deno.makeTempDir();
  const seen: [number, string][] = [];
  const speakOldly = async (server: TestServer, reader: RawClient) => {
    const legacy = await server.connect();
    const content = `hello ${seen.length}`;
    await legacy.write(new TextEncoder().encode(JSON.stringify({ type: "message", content })));
    let received = await reader.until("message");
    while (received.content !== content) received = await reader.until("message");
    seen.push([received.user, received.from]);
  };
  {
    await using one = await startTestServer({ directory });
    // No bus: they know of each other by the store alone.
    await using other = await startTestServer({ beside: one });
    const readers = [await enter(one, "ann"), await enter(other, "ben")] as const;
    await speakOldly(one, readers[0]);
    await speakOldly(other, readers[1]);
    const [, name = ""] = seen[0] ?? [];
    const lookAlikes = [name, name.toUpperCase(), "legacy-999", "legacy-I0", "legacy-lo"];
    for (const taken of lookAlikes) {
      assertEquals((await hello(await other.connect(), guest(taken))).code, "name_taken", taken);
    }
    for (const free of ["legacy-x", "legacy-1a", "legacys-1"]) {
      assertEquals((await hello(await other.connect(), guest(free))).type, "welcome", free);
    }
  }
  {
    await using later = await startTestServer({ directory });
    await speakOldly(later, await enter(later, "cid"));
  }
  assertEquals(seen.map(([, name]) => name), seen.map(([user]) => `legacy-${user}`));
  assertEquals(new Set(seen.map(([user]) => user)).size, 3);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("protocol 3.5: a token brings back the user, the memberships and the read positions", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await server.connect(), await enter(server, "bob")];
  const { token, you } = await ada.hello("ada");
  await ada.ask({ type: "join", room: "lobby" });
  await say(bob, { texts: texts(3) });
  await ada.ask({ type: "read", room: "lobby", seq: 2 });
  ada.close();
  const back = await server.connect();
  const welcome = await hello(back, byToken(token));
  assertEquals([welcome.you, welcome.token], [you, undefined]);
  assertEquals(welcome.rooms, [
    { room: "lobby", kind: "public", first: 1, last: 3, read: 2, unread: 1, mentions: 0 },
  ]);
});

Deno.test("protocol 3.5: the admin's token brings the admin", async () => {
  await using server = await startTestServer();
  const admin = await server.connect();
  const { you } = await hello(admin, byToken(server.adminToken));
  assertEquals([you.name, you.role], ["admin", "admin"]);
});

Deno.test("protocol 3.5: the third unknown token on a connection ends it", async () => {
  await using server = await startTestServer();
  const eve = await server.connect();
  for (let n = 0; n < 2; n++) {
    const refused = await hello(eve, byToken(`guess${n}`));
    assertEquals([refused.code, refused.retry], ["auth_failed", undefined]);
  }
  await eve.send({ type: "hello", id: 3, version: 1, auth: byToken("guess3") }, { type: "rooms" });
  const [third, bye, ...others] = await eve.untilEnd();
  assertEquals([third?.re, third?.code], [3, "auth_failed"]);
  assertEquals([bye?.type, bye?.code, bye?.reconnect], ["bye", "flood", false]);
  assertEquals(others, []);
});

Deno.test("protocol 3.5: after two failures one may still come in", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  const { token } = await (await server.connect()).hello("ada");
  for (let n = 0; n < 2; n++) await hello(ada, byToken(`guess${n}`));
  assertEquals((await hello(ada, byToken(token))).you.name, "ada");
});

Deno.test("protocol 3.5: a refusal never repeats the token", async () => {
  await using server = await startTestServer();
  const eve = await server.connect();
  await hello(eve, byToken("CANARY"));
  await eve.send('{"type":"hello","version":1,"auth":{"method":"token","token":"CANARY"');
  await eve.next();
  assert(!eve.raw.includes("CANARY"));
  assert(!server.logged.join("").includes("CANARY"));
});
