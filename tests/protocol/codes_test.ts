// Protocol 3.8: codes, which are redeemed for an account or for a token.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "../support/server.ts";
import { byToken, comeBack, enter, greet, hello, UNHURRIED } from "./scene.ts";

const START: TestServerOptions = { limits: UNHURRIED };

function byCode(code: string, more: object = {}): object {
  return { method: "code", code, ...more };
}

function admin(server: TestServer): Promise<RawClient> {
  return comeBack(server, server.adminToken);
}

async function createCode(client: RawClient, more: object = {}): Promise<Frame> {
  const created = await client.ask({ type: "code", kind: "join", ...more });
  assertEquals(created.type, "code", JSON.stringify(created));
  return created;
}

Deno.test("protocol 3.8: a join code creates an account, in its rooms from the beginning", async () => {
  await using server = await startTestServer(START);
  const owner = await enter(server, "owner", "ops");
  await owner.ask({ type: "message", room: "ops", content: "before" });
  const { code, id, expires, uses } = await createCode(await admin(server), {
    rooms: ["ops"],
    expires_ms: 60_000,
  });
  assertMatch(code, /^[0-9A-HJKMNP-TV-Z]{16}$/);
  assert(Number.isSafeInteger(id) && Math.abs(expires - Date.now() - 60_000) < 10_000);
  assertEquals(uses, 1);
  const ann = await server.connect();
  const typed = code.toLowerCase().replace(/(....)/g, "$1-").slice(0, -1);
  const welcome = await hello(ann, byCode(typed, { name: "ann" }), { client: "example/1.0" });
  assertEquals([welcome.type, welcome.you.name, welcome.you.role], ["welcome", "ann", "member"]);
  assertEquals(welcome.rooms.map((room: Frame) => [room.room, room.unread]), [["ops", 0]]);
  assertMatch(welcome.token, /^ply_/);
  const again = await server.connect();
  assertEquals((await hello(again, byToken(welcome.token))).you, welcome.you);
  const { tokens: [own] } = await ann.ask({ type: "tokens" });
  assertEquals(own.client, "example/1.0");
  assertEquals((await owner.until("joined")).from, "ann");
});

Deno.test("protocol 3.9: a code says what it is for to whoever has it, and is not used up by that", async () => {
  await using server = await startTestServer(START);
  await enter(server, "owner", "ops");
  const { code } = await createCode(await admin(server), {
    rooms: ["ops"],
    role: "operator",
    uses: 2,
  });
  const nobody = await server.connect();
  for (let n = 0; n < 3; n++) {
    const { re: _re, expires: _expires, ...look } = await nobody.ask({ type: "look", code });
    assertEquals(look, {
      type: "code",
      kind: "join",
      from: "admin",
      server: look.server,
      role: "operator",
      rooms: ["ops"],
      uses: 2,
    });
  }
});

Deno.test("protocol 3.9: codes that were never created, used, ended or expired are refused with the same bytes", async () => {
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now() };
  await using server = await startTestServer({ ...START, clock });
  const boss = await admin(server);
  const [used, ended, expired] = [
    await createCode(boss),
    await createCode(boss),
    await createCode(boss, { expires_ms: 1_000 }),
  ];
  await hello(await server.connect(), byCode(used.code, { name: "ann" }));
  assertEquals((await boss.ask({ type: "revoke_code", code: ended.id })).type, "ok");
  now += 1_000;
  const answers = new Set<string>();
  for (const code of [used.code, ended.code, expired.code, "0000000000000000", "no code"]) {
    for (
      const request of [
        { type: "look", code },
        { type: "hello", version: 1, auth: byCode(code, { name: "bob" }) },
      ]
    ) {
      const client = await server.connect();
      const before = client.raw.length;
      const reply = await client.ask({ id: "x", ...request });
      assertEquals(reply.code, "auth_failed");
      answers.add(client.raw.slice(before));
    }
  }
  assertEquals(answers.size, 1);
});

Deno.test("protocol 3.8: a redemption that is refused takes no use", async () => {
  await using server = await startTestServer(START);
  await greet(server, "ada");
  const { code } = await createCode(await admin(server));
  const client = await server.connect();
  assertEquals((await hello(client, byCode(code))).field, "auth.name");
  assertEquals((await hello(client, byCode(code, { name: "ada" }))).code, "name_taken");
  assertEquals((await hello(client, byCode(code, { name: "admin" }))).code, "name_taken");
  assertEquals((await hello(client, byCode(code, { name: "ann" }))).type, "welcome");
});

Deno.test("protocol 3.8: of twenty who redeem a code with one use at once, one gets an account", async () => {
  await using server = await startTestServer(START);
  const { code } = await createCode(await admin(server));
  const replies = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
    const client = await server.connect();
    return (await hello(client, byCode(code, { name: `racer-${n}` }))).type;
  }));
  assertEquals(replies.filter((type) => type === "welcome").length, 1);
  const free = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
    const client = await server.connect();
    return (await client.hello(`racer-${n}`)).type;
  }));
  assertEquals(free.filter((type) => type === "welcome").length, 19);
});

Deno.test("protocol 3.8: a device code logs the same user in on one more device", async () => {
  await using server = await startTestServer(START);
  const ada = await greet(server, "ada");
  const created = await ada.ask({ type: "code", kind: "device" });
  assertEquals([created.kind, created.user, created.role], ["device", "ada", undefined]);
  const phone = await server.connect();
  const welcome = await hello(phone, byCode(created.code));
  assertEquals([welcome.you.name, welcome.you.role], ["ada", "guest"]);
  assertEquals((await ada.ask({ type: "tokens" })).tokens.length, 2);
  assertEquals((await hello(await server.connect(), byCode(created.code))).code, "auth_failed");
});

Deno.test("protocol 3.8: who may make which code, and with which fields", async () => {
  await using server = await startTestServer({ ...START, invites: "members" });
  const [boss, guest] = [await admin(server), await greet(server, "gus")];
  const invited = await createCode(boss, { rooms: [] });
  const member = await server.connect();
  await hello(member, byCode(invited.code, { name: "mia" }));
  assertEquals((await member.ask({ type: "code", kind: "join" })).type, "code");
  for (
    const [client, request, code, field] of [
      [guest, { kind: "join" }, "forbidden", undefined],
      [member, { kind: "join", role: "operator" }, "forbidden", undefined],
      [member, { kind: "reset", user: "mia" }, "forbidden", undefined],
      [member, { kind: "device", user: "mia" }, "bad_field", "user"],
      [member, { kind: "device", uses: 2 }, "bad_field", "uses"],
      [boss, { kind: "join", role: "guest" }, "bad_field", "role"],
      [boss, { kind: "join", uses: 1_001 }, "bad_field", "uses"],
      [boss, { kind: "join", expires_ms: 91 * 86_400_000 }, "bad_field", "expires_ms"],
      [boss, { kind: "join", rooms: ["nowhere"] }, "no_such_room", "room"],
      [boss, { kind: "join", rooms: ["?1"] }, "no_such_inquiry", "room"],
      [boss, { kind: "invite" }, "bad_field", "kind"],
    ] as const
  ) {
    const reply = await client.ask({ type: "code", ...request });
    assertEquals([reply.code, reply.field], [code, field], JSON.stringify(request));
  }
});

Deno.test("protocol 3.8: one sees and ends one's own codes, an administrator all", async () => {
  await using server = await startTestServer(START);
  const [boss, ada] = [await admin(server), await greet(server, "ada")];
  const own = await ada.ask({ type: "code", kind: "device" });
  const other = await createCode(boss, { uses: 5 });
  const ids = async (client: RawClient, more: object = {}) =>
    (await client.ask({ type: "codes", ...more })).codes.map((code: Frame) => code.id);
  assertEquals(await ids(ada), [own.id]);
  assertEquals(await ids(boss), [own.id, other.id]);
  assertEquals(await ids(boss, { after: own.id }), [other.id]);
  assertEquals((await boss.ask({ type: "codes", limit: 1 })).more, true);
  assertEquals((await ada.ask({ type: "revoke_code", code: other.id })).code, "bad_field");
  assertEquals((await boss.ask({ type: "revoke_code", code: own.id })).type, "ok");
  assertEquals(await ids(ada), []);
  // The list has no code: only its maker was told.
  assert(!boss.raw.slice(boss.raw.lastIndexOf('"codes"')).includes(other.code));
});

Deno.test("protocol 3.8: a code is dead while its maker may not create it any more", async () => {
  await using server = await startTestServer({ ...START, invites: "members" });
  const boss = await admin(server);
  const { code } = await createCode(boss);
  const mia = await server.connect();
  const { you } = await hello(mia, byCode(code, { name: "mia" }));
  assertEquals(you.role, "member");
  const invitation = await createCode(mia);
  await using strict = await startTestServer({ ...START, beside: server });
  const refused = await hello(await strict.connect(), byCode(invitation.code, { name: "joe" }));
  assertEquals(refused.code, "auth_failed");
});

Deno.test("protocol 3.9: guesses at codes count as failed logins of the address", async () => {
  await using server = await startTestServer({ ...START, loopback: "limited" });
  const guess = (client: RawClient) => client.ask({ type: "look", code: "0000000000000000" });
  const codes: string[] = [];
  for (let n = 0; n < 4; n++) {
    const client = await server.connect();
    for (let m = 0; m < 3; m++) codes.push((await guess(client)).code);
    await client.until("bye").catch(() => {});
    client.close();
  }
  assertEquals(codes.filter((code) => code === "auth_failed").length, 10);
  assertEquals(codes.at(-1), "rate_limited");
});

Deno.test("protocol 3.8: an invitation is to private rooms only as long as its creator may add to them", async () => {
  await using server = await startTestServer({ ...START, invites: "members" });
  const boss = await admin(server);
  const { code: invited } = await createCode(boss);
  const mia = await server.connect();
  await hello(mia, byCode(invited, { name: "mia" }));
  await boss.ask({ type: "join", room: "secret", create: true, private: true });
  await enter(server, "owner", "ops");
  const request = { type: "code", kind: "join", rooms: ["secret", "ops"], uses: 2 };
  assertEquals((await mia.ask(request)).code, "no_such_room");
  assertEquals((await boss.ask({ type: "add", room: "secret", user: "mia" })).type, "ok");
  const { code, rooms } = await createCode(mia, request);
  assertEquals(rooms, ["secret", "ops"]);
  const own = async (name: string) => {
    const { rooms } = await hello(await server.connect(), byCode(code, { name }));
    return rooms.map((room: Frame) => room.room).toSorted();
  };
  assertEquals(await own("ann"), ["ops", "secret"]);
  assertEquals((await boss.ask({ type: "kick", room: "secret", user: "mia" })).type, "ok");
  assertEquals((await boss.ask({ type: "look", code })).rooms, ["ops"]);
  assertEquals(await own("bob"), ["ops"]);
});
