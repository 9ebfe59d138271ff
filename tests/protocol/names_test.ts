// Protocol 3.4 and 3.5: what users are called, and how they come back.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Frame } from "../support/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import {
  byToken,
  comeBack,
  enter,
  eventually,
  greet,
  guest,
  hello,
  say,
  texts,
  UNHURRIED,
} from "./scene.ts";

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

Deno.test("protocol 3.4: a guest's name is free again when their last connection has ended", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [first, other] = [await server.connect(), await server.connect()];
  const { token, you } = await first.hello("ada");
  const second = await comeBack(server, token);
  first.close();
  assertEquals((await hello(other, guest("ada"))).code, "name_taken");
  second.close();
  const next = await eventually(() => hello(other, guest("Ada")), isWelcome);
  assertEquals(next.you.name, "Ada");
  assertNotEquals(next.you.user, you.user);
});

Deno.test("protocol 3.4: one who comes back and finds the name in use gets a number, for good", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await enter(server, "bystander");
  const first = await server.connect();
  const { token, you } = await first.hello("ada");
  await first.ask({ type: "message", room: "lobby", content: "as ada" });
  first.close();
  const thief = await server.connect();
  await eventually(() => thief.hello("ada"), isWelcome);

  const back = await server.connect();
  const welcome = await hello(back, byToken(token));
  assertEquals([welcome.you.user, welcome.you.name], [you.user, "ada2"]);
  await back.ask({ type: "message", room: "lobby", content: "as ada2" });
  const { events } = await ada.ask({ type: "history", room: "lobby" });
  assertEquals(events.map((event: Frame) => [event.user, event.from]), [
    [you.user, "ada2"],
    [you.user, "ada2"],
  ]);
  back.close();
  thief.close();
  const later = await server.connect();
  assertEquals((await hello(later, byToken(token))).you.name, "ada2");
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
    { room: "lobby", first: 1, last: 3, read: 2, unread: 1, mentions: 0 },
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
