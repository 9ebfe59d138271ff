// Accounts (protocol §3.10 to §3.13): passwords, guests who register, what administrators change, and that
// every way in ends at the state of the account.

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { userId } from "../../lib/store/records.ts";
import { eventually } from "../support/waiting.ts";
import { byToken, comeBack, enter, greet, guest, hello, join, UNHURRIED } from "./scene.ts";

const PASSWORD = "correct horse";

function byPassword(name: string, password = PASSWORD): object {
  return { method: "password", name, password };
}

/** A guest who has registered, with the token of before. */
async function register(
  server: TestServer,
  name: string,
): Promise<{ client: RawClient; token: string; user: number }> {
  const client = await server.connect();
  const { token, you } = await client.hello(name);
  const reply = await client.ask({ type: "register", password: PASSWORD });
  assertEquals(reply.type, "ok", JSON.stringify(reply));
  return { client, token, user: you.user };
}

async function administrator(server: TestServer): Promise<RawClient> {
  return await comeBack(server, server.adminToken);
}

async function logIn(server: TestServer, auth: object): Promise<Frame> {
  const client = await server.connect();
  return await hello(client, auth);
}

Deno.test("protocol 3.11: a guest who registers keeps number, rooms, token and connection", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await server.connect();
  const { token, you } = await ann.hello("ann");
  await join(ann, "ops", { create: true });
  const bob = await enter(server, "bob", "ops");
  const reply = await ann.ask({ type: "register", name: "Anna", password: PASSWORD });
  assertEquals([reply.user, reply.name, reply.role], [you.user, "Anna", "member"]);
  await ann.ask({ type: "message", room: "ops", content: "hi" });
  const { from, guest: isGuest, user } = await bob.until("message");
  assertEquals([from, isGuest, user], ["Anna", undefined, you.user]);
  for (const auth of [byToken(token), byPassword("anna")]) {
    const welcome = await logIn(server, auth);
    assertEquals([welcome.you.user, welcome.you.role], [you.user, "member"]);
    assertEquals(welcome.rooms.map(({ room }: Frame) => room), ["ops"]);
  }
  // The name of before is free again, the new one is not.
  assertEquals((await logIn(server, guest("ann"))).type, "welcome");
  assertEquals((await logIn(server, guest("anna"))).code, "name_taken");
});

Deno.test("protocol 3.11: who may not register, and under which name", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const { client } = await register(server, "ann");
  assertEquals((await client.ask({ type: "register" })).code, "bad_state");
  const bob = await greet(server, "bob");
  for (const name of ["ann", "Ann", "admin", "approve", "legacy-7"]) {
    assertEquals((await bob.ask({ type: "register", name })).code, "name_taken", name);
  }
  for (const password of ["short", "x".repeat(257), 7, ""]) {
    const { code, field } = await bob.ask({ type: "register", password });
    assertEquals([code, field], ["bad_field", "password"]);
  }
  assertEquals((await bob.ask({ type: "register" })).type, "ok");
  assertEquals((await logIn(server, byPassword("bob"))).code, "auth_failed");
});

Deno.test("protocol 3.11: names that are taken count as no registration", async () => {
  const limits = { ...UNHURRIED, accounts_per_hour_per_ip: 1 };
  await using server = await startTestServer({ limits, loopback: "limited" });
  await greet(server, "bob");
  const ann = await greet(server, "ann");
  for (const name of ["bob", "B0B", "root"]) {
    assertEquals((await ann.ask({ type: "register", name })).code, "name_taken", name);
  }
  const reply = await ann.ask({ type: "register", name: "Ann" });
  assertEquals(reply.name, "Ann", JSON.stringify(reply));
  const eve = await greet(server, "eve");
  assertEquals((await eve.ask({ type: "register" })).code, "rate_limited");
});

Deno.test("protocol 3.11: a server may keep registration to invited people, or to nobody", async () => {
  for (const accounts of ["invite", "closed"] as const) {
    await using server = await startTestServer({ accounts });
    const ann = await greet(server, "ann");
    assertEquals((await ann.ask({ type: "register" })).code, "forbidden");
  }
});

Deno.test("protocol 3.11: nobody registers while the server admits no new users", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await greet(server, "ann");
  const admin = await administrator(server);
  assertEquals((await admin.ask({ type: "panic", on: true })).type, "ok");
  assertEquals((await ann.ask({ type: "register" })).code, "forbidden");
  await admin.ask({ type: "panic", on: false });
  assertEquals((await ann.ask({ type: "register" })).type, "ok");
});

Deno.test("protocol 3.10: an unknown name, a wrong password and a suspended account are one answer", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  await register(server, "ann");
  await register(server, "sue");
  const admin = await administrator(server);
  await admin.ask({ type: "account", name: "sue", state: "suspended" });
  const answers = new Set<string>();
  const dead = { method: "code", code: "K7QD9FX2TB4M8WZR", name: "eve", password: PASSWORD };
  const wrong = [byPassword("nobody"), byPassword("ann", "wrong horse"), byPassword("sue"), dead];
  for (const auth of wrong) {
    const client = await server.connect();
    await client.send({ type: "hello", id: 1, version: 1, auth });
    await client.next();
    answers.add(client.raw);
  }
  assertEquals(answers.size, 1);
  assertEquals((await admin.ask({ type: "stats" })).counters.hashes, 6);
});

Deno.test("protocol 3.10: a new password ends all other tokens, on every server", async () => {
  const net = new MemoryNet();
  await using server = await startTestServer({ bus: net.join(), limits: UNHURRIED });
  await using other = await startTestServer({ bus: net.join(), beside: server, limits: UNHURRIED });
  const { client: ann, token } = await register(server, "ann");
  const away = await other.connect();
  assertEquals((await hello(away, byPassword("ann"))).type, "welcome");
  const wrong = await ann.ask({ type: "password", old: "wrong horse", new: "battery staple" });
  assertEquals([wrong.code, wrong.field], ["auth_failed", "old"]);
  assertEquals((await ann.ask({ type: "password", new: "battery staple" })).field, "old");
  const change = { type: "password", old: PASSWORD, new: "battery staple" };
  assertEquals((await ann.ask(change)).type, "ok");
  assertEquals((await away.until("bye")).code, "revoked");
  assertEquals((await logIn(server, byToken(token))).type, "welcome");
  assertEquals((await logIn(server, byPassword("ann"))).code, "auth_failed");
  assertEquals((await logIn(other, byPassword("ann", "battery staple"))).type, "welcome");
});

Deno.test("protocol 3.10: a password is the same however its letters are composed", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await greet(server, "ann");
  await ann.ask({ type: "register", password: "caf\u00e9 caf\u00e9" });
  assertEquals(
    (await logIn(server, byPassword("ann", "cafe\u0301\u00a0cafe\u0301"))).type,
    "welcome",
  );
});

Deno.test("protocol 3.10: a hash that is weaker than a new one is replaced at the next login", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const { user } = await register(server, "ann");
  const { accounts } = server.repository;
  const hashOf = async () => (await accounts.find("ann"))?.password ?? "";
  // A hash of "password" in the tests of the reference implementation.
  const weak =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  await accounts.replaceHash(userId(user), { from: await hashOf(), to: weak });
  assertEquals((await logIn(server, byPassword("ann", "passwore"))).code, "auth_failed");
  assertEquals(await hashOf(), weak);
  assertEquals((await logIn(server, byPassword("ann", "password"))).type, "welcome");
  assertMatch(await hashOf(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const again = await logIn(server, byPassword("ann", "password"));
  assertEquals(again.type, "welcome");
});

Deno.test("protocol 3.10: guesses at an account are limited, and do not keep its owner out", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  await register(server, "ann");
  const codes: string[] = [];
  for (let guess = 0; guess < 6; guess++) {
    codes.push((await logIn(server, byPassword("bob", `wrong guess ${guess}`))).code);
  }
  assertEquals(codes.slice(0, 4), ["auth_failed", "auth_failed", "auth_failed", "rate_limited"]);
  assertEquals((await logIn(server, byPassword("ann"))).type, "welcome");
});

Deno.test("protocol 3.8: a reset code sets a password, and ends all tokens", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const { client: ann, token } = await register(server, "ann");
  const admin = await administrator(server);
  const { code } = await admin.ask({ type: "code", kind: "reset", user: "ann" });
  const without = await logIn(server, { method: "code", code });
  assertEquals([without.code, without.field], ["bad_field", "auth.password"]);
  const welcome = await logIn(server, { method: "code", code, password: "battery staple" });
  assertEquals(welcome.you.name, "ann");
  assertEquals((await ann.until("bye")).code, "revoked");
  assertEquals((await logIn(server, byToken(token))).code, "auth_failed");
  assertEquals((await logIn(server, byPassword("ann", "battery staple"))).type, "welcome");
  assertEquals(
    (await logIn(server, { method: "code", code, password: "battery staple" })).code,
    "auth_failed",
  );
});

Deno.test("protocol 3.8: a join code creates an account with a password", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await administrator(server);
  const { code } = await admin.ask({ type: "code", kind: "join" });
  const auth = { method: "code", code, name: "ann", password: PASSWORD };
  assertEquals((await logIn(server, auth)).you.role, "member");
  assertEquals((await logIn(server, byPassword("ann"))).type, "welcome");
});

Deno.test("protocol 3.12: administrators create, change and list accounts", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await administrator(server);
  const created = await admin.ask({ type: "account", name: "Ann", role: "operator" });
  const { user, created: since, ...rest } = created;
  assertEquals([typeof user, typeof since], ["number", "number"]);
  assertEquals([rest.name, rest.role, rest.state, rest.password, rest.bot], [
    "Ann",
    "operator",
    "active",
    false,
    undefined,
  ]);
  assertEquals((await admin.ask({ type: "account", name: "ann", role: "member" })).role, "member");
  const bot = await admin.ask({ type: "account", name: "ci", bot: true });
  assertEquals([bot.bot, bot.role], [true, "member"]);
  const refused: readonly (readonly [object, string, string])[] = [
    [{ name: "ci", role: "operator" }, "bad_field", "role"],
    [{ name: "other", bot: true, role: "admin" }, "bad_field", "role"],
    [{ name: "ann", bot: true }, "bad_field", "bot"],
    [{ name: "nobody", state: "suspended" }, "no_such_user", "name"],
    [{ name: "root" }, "name_taken", "name"],
    [{ name: "ann", role: "guest" }, "bad_field", "role"],
    [{ name: "admin", role: "member" }, "forbidden", "name"],
    [{ name: "admin", state: "suspended" }, "forbidden", "name"],
  ];
  for (const [fields, code, field] of refused) {
    const reply = await admin.ask({ type: "account", ...fields });
    assertEquals([reply.code, reply.field], [code, field], JSON.stringify(fields));
  }
  const first = await admin.ask({ type: "accounts", limit: 2 });
  assertEquals([first.accounts.map(({ name }: Frame) => name), first.more], [
    ["admin", "Ann"],
    true,
  ]);
  const second = await admin.ask({ type: "accounts", after: "Ann" });
  assertEquals([second.accounts.map(({ name }: Frame) => name), second.more], [["ci"], false]);
});

Deno.test("protocol 3.12: of two administrators who suspend each other at once one stays", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await administrator(server);
  await admin.ask({ type: "account", name: "ann", role: "admin" });
  const { code } = await admin.ask({ type: "code", kind: "reset", user: "ann" });
  const ann = await server.connect();
  await hello(ann, { method: "code", code, password: PASSWORD });
  const suspend = (by: RawClient, name: string) =>
    by.send({ type: "account", id: 1, name, state: "suspended" });
  await Promise.all([suspend(admin, "ann"), suspend(ann, "admin")]);
  const ends = await Promise.all([admin, ann].map(async (client) => {
    const frame = await client.next();
    return frame.type === "account" ? "done" : frame.code;
  }));
  assertEquals(ends.includes("done"), true);
  const active = (await server.repository.accounts.list({ after: "", limit: 10 }))
    .filter(({ role, isSuspended }) => role === "admin" && !isSuspended);
  assertEquals(active.length, 1);
});

Deno.test("protocol 3.12: a suspended account ends on every server, and no way in admits it", async () => {
  const net = new MemoryNet();
  await using server = await startTestServer({ bus: net.join(), limits: UNHURRIED });
  await using other = await startTestServer({ bus: net.join(), beside: server, limits: UNHURRIED });
  const { client: ann, token } = await register(server, "ann");
  const admin = await administrator(server);
  const { code: device } = await ann.ask({ type: "code", kind: "device" });
  const { code: reset } = await admin.ask({ type: "code", kind: "reset", user: "ann" });
  const away = await comeBack(other, token);
  assertEquals(
    (await admin.ask({ type: "account", name: "ann", state: "suspended" })).state,
    "suspended",
  );
  for (const client of [ann, away]) assertEquals((await client.until("bye")).code, "revoked");
  const ways: readonly object[] = [
    byToken(token),
    byPassword("ann"),
    { method: "code", code: device },
    { method: "code", code: reset, password: "battery staple" },
  ];
  for (const at of [server, other]) {
    for (const auth of ways) {
      assertEquals((await logIn(at, auth)).code, "auth_failed", JSON.stringify(auth));
    }
    assertEquals((await logIn(at, guest("ann"))).code, "name_taken");
  }
  await admin.ask({ type: "account", name: "ann", state: "active" });
  await eventually(() => logIn(other, byToken(token)), ({ type }) => type === "welcome");
  // What was refused has changed nothing.
  assertEquals((await logIn(server, byPassword("ann"))).type, "welcome");
});

Deno.test("protocol 3.12: whoever becomes an operator hears the desk at once, and no longer afterwards", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const { client: ann } = await register(server, "ann");
  const admin = await administrator(server);
  const bob = await greet(server, "bob");
  await admin.ask({ type: "account", name: "ann", role: "operator" });
  await bob.ask({ type: "inquiry", content: "first?" });
  assertEquals((await ann.question()).content, "first?");
  await admin.ask({ type: "account", name: "ann", role: "member" });
  await bob.ask({ type: "inquiry", content: "second?" });
  await ann.quiet();
  assertEquals((await ann.ask({ type: "queue" })).code, "forbidden");
});

Deno.test("protocol 3.12: a program's events say so, and it has no desk and no codes", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await administrator(server);
  await admin.ask({ type: "account", name: "ci", bot: true });
  const { token } = await admin.ask({
    type: "token",
    label: "ci",
    scopes: ["send", "read"],
    user: "ci",
  });
  const ada = await enter(server, "ada", "ops");
  const bot = await comeBack(server, token);
  assertEquals((await bot.ask({ type: "message", room: "ops", content: "built" })).type, "ok");
  assertEquals((await ada.until("message")).bot, true);
  const { events } = await ada.ask({ type: "history", room: "ops" });
  assertEquals(events.map(({ bot }: Frame) => bot), [true]);
  for (const type of ["queue", "stats", "accounts", "tokens", "codes"]) {
    assertEquals((await bot.ask({ type })).code, "forbidden", type);
  }
  assertEquals((await bot.ask({ type: "code", kind: "device" })).code, "forbidden");
});

Deno.test("protocol 3.13: a user is shown with the rooms in common, and no others", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await enter(server, "ada", "ops");
  const { client: ann, user } = await register(server, "ann");
  await join(ann, "ops");
  await join(ann, "plans", { create: true });
  await join(ann, "hidden", { create: true, private: true });
  const shown = await ada.ask({ type: "whois", user: "ANN" });
  assertEquals([shown.user, shown.name, shown.role, shown.here, shown.rooms], [
    user,
    "ann",
    "member",
    true,
    ["ops"],
  ]);
  assert(shown.since > 0);
  assertNotEquals((await ada.ask({ type: "whois", user: "nobody" })).code, undefined);
});
