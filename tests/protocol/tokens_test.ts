// Protocol 3.5 to 3.7: tokens, a device each: listed, ended, and good for some requests only.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import type { Role } from "../../lib/wire/frames/roles.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { byToken, comeBack, enter, hello, UNHURRIED } from "./scene.ts";

/** An account with one more token. */
async function addAccount(
  { repository: { users } }: TestServer,
  { name = "ann", role = "member" }: { name?: string; role?: Role } = {},
): Promise<string> {
  const { id } = await users.ensureAccount({ name: userNameOf(name), role, now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return token;
}

/** A connection by a token with these scopes, created by the user of `token`. */
async function connectScoped(
  server: TestServer,
  { token, scopes }: { token: string; scopes: readonly string[] },
): Promise<RawClient> {
  const client = await comeBack(server, token);
  const created = await client.ask({ type: "token", label: "ci", scopes });
  assertEquals(created.type, "token");
  return await comeBack(server, created.token);
}

const numbers = ({ tokens }: Frame) => tokens.map(({ token }: { token: number }) => token);

Deno.test("protocol 3.6: tokens are listed with what they are for and where they are used", async () => {
  await using server = await startTestServer();
  const token = await addAccount(server);
  const ann = await server.connect();
  await hello(ann, byToken(token), { client: "example/1.0" });
  const created = await ann.ask({
    type: "token",
    label: "deploys",
    scopes: ["read:ops", "send:ops"],
    expires_ms: 60_000,
  });
  assertMatch(created.token, /^ply_[0-9A-Za-z]{49}$/);
  const { tokens, more } = await ann.ask({ type: "tokens" });
  assertEquals(more, false);
  assertEquals(tokens.length, 2);
  const [own, other] = tokens;
  assertEquals([own.here, own.own, own.label, own.scopes], [true, true, "", undefined]);
  assertEquals([other.token, other.here, other.own], [created.id, false, undefined]);
  assertEquals([other.label, other.scopes], ["deploys", ["read:ops", "send:ops"]]);
  assert(other.expires - other.created === 60_000);
  await comeBack(server, created.token);
  const again = await ann.ask({ type: "tokens", limit: 1 });
  assertEquals([numbers(again), again.more], [[own.token], true]);
  const rest = await ann.ask({ type: "tokens", after: own.token });
  assertEquals(rest.tokens[0].here, true);
});

Deno.test("protocol 3.5: the program that asked for a token is kept with it", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  await hello(ada, { method: "guest", name: "ada" }, { client: "example/1.0" });
  const { tokens: [own] } = await ada.ask({ type: "tokens" });
  assertEquals([own.client, own.own], ["example/1.0", true]);
});

Deno.test("protocol 3.6: a token that is revoked ends its connections and logs nobody in", async () => {
  await using server = await startTestServer();
  const [laptop, phone] = [await addAccount(server), await addAccount(server)];
  const [ann, lost] = [await comeBack(server, laptop), await comeBack(server, phone)];
  const { tokens } = await ann.ask({ type: "tokens" });
  const other = tokens.find((one: Frame) => one.own === undefined).token;
  assertEquals((await ann.ask({ type: "revoke", token: other })).type, "ok");
  const bye = await lost.until("bye");
  assertEquals([bye.code, bye.reconnect], ["revoked", false]);
  const again = await server.connect();
  assertEquals((await hello(again, byToken(phone))).code, "auth_failed");
  assertEquals((await ann.ask({ type: "revoke", token: other })).code, "bad_field");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
});

Deno.test("protocol 3.6: logout is answered, then the connection ends with its token", async () => {
  await using server = await startTestServer();
  const token = await addAccount(server);
  const [one, other] = [await comeBack(server, token), await comeBack(server, token)];
  assertEquals((await one.ask({ type: "logout" })).type, "ok");
  for (const client of [one, other]) assertEquals((await client.until("bye")).code, "revoked");
  assertEquals((await hello(await server.connect(), byToken(token))).code, "auth_failed");
});

Deno.test("protocol 3.6: a guest who logs out gives the name and the memberships back", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  assertEquals((await ada.ask({ type: "logout" })).type, "ok");
  await ada.until("bye");
  const bob = await enter(server, "bob");
  assertEquals((await bob.ask({ type: "members", room: "lobby" })).members.length, 1);
  const comeAgain = async () =>
    (await hello(await server.connect(), { method: "guest", name: "ada" })).type;
  await eventually(comeAgain, (type) => type === "welcome");
});

Deno.test("protocol 3.6: nobody ends or sees another user's tokens, but an administrator does", async () => {
  await using server = await startTestServer();
  const ann = await comeBack(server, await addAccount(server));
  const bob = await comeBack(server, await addAccount(server, { name: "bob" }));
  const { tokens: [own] } = await ann.ask({ type: "tokens" });
  assertEquals((await bob.ask({ type: "revoke", token: own.token })).code, "bad_field");
  assertEquals((await bob.ask({ type: "tokens", user: "ann" })).code, "forbidden");
  assertEquals(numbers(await ann.ask({ type: "tokens", user: "ANN" })), [own.token]);
  const admin = await comeBack(server, server.adminToken);
  assertEquals(numbers(await admin.ask({ type: "tokens", user: "ann" })), [own.token]);
  assertEquals((await admin.ask({ type: "tokens", user: "nobody" })).code, "no_such_user");
  assertEquals((await admin.ask({ type: "revoke", token: own.token })).type, "ok");
  assertEquals((await ann.until("bye")).code, "revoked");
});

Deno.test("protocol 3.7: a token ends at the time that it was given", async () => {
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now() };
  await using server = await startTestServer({ clock });
  const ann = await comeBack(server, await addAccount(server));
  const request = { type: "token", label: "short", scopes: ["read"], expires_ms: 1_000 };
  const { token } = await ann.ask(request);
  assertEquals((await hello(await server.connect(), byToken(token))).type, "welcome");
  now += 1_000;
  assertEquals((await hello(await server.connect(), byToken(token))).code, "auth_failed");
});

Deno.test("protocol 3.7: a connection ends when its token does", async () => {
  await using server = await startTestServer({ pace: 50 });
  const ann = await comeBack(server, await addAccount(server));
  const request = { type: "token", label: "short", scopes: ["read"], expires_ms: 300 };
  const client = await comeBack(server, (await ann.ask(request)).token);
  assertEquals((await client.until("bye")).code, "revoked");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
});

Deno.test("protocol 3.6: what was answered before a token was revoked is stored, and nothing else", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await comeBack(server, await addAccount(server));
  const phone = await comeBack(server, await addAccount(server));
  const { tokens } = await ann.ask({ type: "tokens" });
  const { token } = tokens.find((one: Frame) => one.own === undefined);
  const sent = Array.from({ length: 60 }, (_, n) => ({
    type: "message",
    id: `m${n}`,
    room: "lobby",
    content: `text ${n}`,
  }));
  const sending = phone.send(...sent);
  const revoking = ann.ask({ type: "revoke", token });
  const frames = await phone.untilEnd();
  await sending;
  assertEquals((await revoking).type, "ok");
  const { events } = await ann.ask({ type: "history", room: "lobby", limit: 100 });
  const stored = events.map(({ seq, content }: Frame) => `${seq} ${content}`);
  for (const { type, re, seq } of frames) {
    if (type === "ok") assert(stored.includes(`${seq} text ${re.slice(1)}`), `${seq} ${re}`);
  }
  // In the order in which they were sent, without a gap.
  assertEquals(stored, stored.map((_: string, n: number) => `${n + 1} text ${n}`));
  assertEquals(frames.at(-1)?.type, "bye");
});

Deno.test("protocol 3.5: a token whose checksum is wrong is refused without a look into the store", async () => {
  await using server = await startTestServer();
  const token = newToken();
  const refused = await hello(await server.connect(), byToken(`${token.slice(0, -1)}-`));
  assertEquals([refused.code, refused.message.includes("copied")], ["auth_failed", true]);
  assert(!refused.message.includes(token.slice(0, 20)));
  const unknown = await hello(await server.connect(), byToken(token));
  assertEquals([unknown.code, unknown.message.includes("copied")], ["auth_failed", false]);
});

Deno.test("protocol 3.7: a user has so many tokens at most", async () => {
  await using server = await startTestServer({ limits: { tokens_per_user: 2 } });
  const ann = await comeBack(server, await addAccount(server));
  const request = { type: "token", label: "ci", scopes: ["read"] };
  assertEquals((await ann.ask(request)).type, "token");
  assertEquals((await ann.ask(request)).code, "forbidden");
});

/** What a token with these scopes may do; the others are forbidden. */
const SCOPES: readonly (readonly [scopes: readonly string[], allowed: readonly string[]])[] = [
  [["read"], ["join ops", "history ops", "history dev", "members ops", "rooms", "resume ops"]],
  [["send"], ["message ops", "message dev"]],
  [["ask"], ["inquiry"]],
  [["read:OPS"], ["join ops", "history ops", "members ops", "rooms", "resume ops"]],
  [["send:ops"], ["message ops"]],
  [["read:ops", "send:dev"], [
    "join ops",
    "history ops",
    "members ops",
    "rooms",
    "resume ops",
    "message dev",
  ]],
];

const REQUESTS: Readonly<Record<string, Frame>> = {
  "join ops": { type: "join", room: "ops" },
  "join new": { type: "join", room: "new", create: true },
  "history ops": { type: "history", room: "ops" },
  "history dev": { type: "history", room: "dev" },
  "members ops": { type: "members", room: "ops" },
  rooms: { type: "rooms" },
  "resume ops": { type: "resume", rooms: [{ room: "ops", seq: 0 }] },
  "message ops": { type: "message", room: "ops", content: "hi" },
  "message dev": { type: "message", room: "dev", content: "hi" },
  inquiry: { type: "inquiry", content: "?" },
  queue: { type: "queue" },
  respond: { type: "respond", inquiry: 1, content: "!" },
  stats: { type: "stats" },
  tokens: { type: "tokens" },
  token: { type: "token", label: "more", scopes: ["read"] },
  revoke: { type: "revoke", token: 1 },
  code: { type: "code", kind: "device" },
  codes: { type: "codes" },
  revoke_code: { type: "revoke_code", code: 1 },
};

for (const [scopes, allowed] of SCOPES) {
  Deno.test(`protocol 3.7: a token for ${scopes.join(" and ")} is good for nothing else`, async () => {
    await using server = await startTestServer({ limits: UNHURRIED });
    const ann = await enter(server, "bob", "ops");
    await ann.ask({ type: "join", room: "dev", create: true });
    // Of an administrator: a token never has more than its scopes.
    const client = await connectScoped(server, { token: server.adminToken, scopes });
    for (const [what, request] of Object.entries(REQUESTS)) {
      const { type, code, rooms } = await client.ask(request);
      const error = code ?? (type === "resumed" ? rooms[0].error : undefined);
      assertEquals(error, allowed.includes(what) ? undefined : "forbidden", what);
    }
  });
}

Deno.test("protocol 3.7: one for a single room reads no other, by whichever request", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await enter(server, "bob", "ops");
  await ann.ask({ type: "join", room: "dev", create: true });
  const scopes = ["read:ops", "send:dev"];
  const client = await connectScoped(server, { token: server.adminToken, scopes });
  assertEquals((await client.ask({ type: "join", room: "ops" })).type, "room");
  for (
    const request of [
      { type: "history", room: "dev" },
      { type: "join", room: "dev" },
      { type: "members", room: "dev" },
    ]
  ) assertEquals((await client.ask(request)).code, "forbidden", request.type);
  const cursors = [{ room: "dev", seq: 0 }, { room: "ops", seq: 0 }];
  const { rooms } = await client.ask({ type: "resume", rooms: cursors });
  assertEquals(rooms.map((room: Frame) => room.error), ["forbidden", undefined]);
  const listed = await client.ask({ type: "rooms" });
  assertEquals(listed.rooms.map((room: Frame) => room.room).includes("lobby"), false);
  await ann.ask({ type: "message", room: "dev", content: "not for it" });
  await ann.ask({ type: "message", room: "ops", content: "for it" });
  assertEquals((await client.until("message")).content, "for it");
});

/** A program's account, and an administrator. */
async function addBot(server: TestServer): Promise<RawClient> {
  const admin = await comeBack(server, server.adminToken);
  assertEquals((await admin.ask({ type: "account", name: "ci", bot: true })).type, "account");
  return admin;
}

Deno.test("protocol 3.7: a program is shown as one, live, in pages, replays and lists", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await addBot(server);
  const request = { type: "token", label: "ci", scopes: ["read", "send"], user: "ci" };
  const { token } = await admin.ask(request);
  const ada = await enter(server, "ada", "ops");
  const bot = await comeBack(server, token);
  await bot.ask({ type: "join", room: "ops" });
  const joined = await ada.until("joined");
  assertEquals([joined.from, joined.bot, joined.guest], ["ci", true, undefined]);
  await bot.ask({ type: "message", room: "ops", content: "built" });
  assertEquals((await ada.until("message")).bot, true);
  const { events } = await ada.ask({ type: "history", room: "ops" });
  assertEquals(events.map((event: Frame) => event.bot), [true]);
  const { members } = await ada.ask({ type: "members", room: "ops" });
  assertEquals(members.map((member: Frame) => [member.name, member.bot]), [
    ["ada", undefined],
    ["ci", true],
  ]);
  const back = await enter(server, "eve", "dev");
  await back.ask({ type: "resume", rooms: [{ room: "ops", seq: 0 }] });
  assertEquals((await back.until("message")).bot, true);
});

Deno.test("protocol 3.7: a program may not do what is in no scope, whatever its token and its role", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  await addBot(server);
  const { users } = server.repository;
  const { id } = await users.ensureAccount({ name: userNameOf("ci"), role: "member", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  const bot = await comeBack(server, token);
  await enter(server, "ada", "ops");
  for (const [what, frame] of Object.entries(REQUESTS)) {
    const isAllowed = /history|members|rooms|resume|message|inquiry|^join [^n]/.test(what);
    const { type, code } = await bot.ask(frame);
    if (type === "code" || what.startsWith("history dev") || what === "message dev") continue;
    assertEquals(code, isAllowed ? undefined : "forbidden", what);
  }
  const { inquiry } = await bot.ask({ type: "inquiry", content: "?", choices: ["yes", "no"] });
  assertEquals((await bot.ask({ type: "decide", inquiry, choice: "yes" })).code, "forbidden");
});

Deno.test("protocol 3.7: a program has no password and no code", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await addBot(server);
  const reset = await admin.ask({ type: "code", kind: "reset", user: "ci" });
  assertEquals([reset.code, reset.field], ["bad_field", "user"]);
});

Deno.test("protocol 3.7: messages of a program have a bucket of their own", async () => {
  const limits = {
    bot_messages_burst: 4,
    messages_burst: 2,
    messages_per_s: 1,
    bot_messages_per_s: 1,
  };
  await using server = await startTestServer({ limits });
  const admin = await addBot(server);
  const { token } = await admin.ask({ type: "token", label: "ci", scopes: ["send"], user: "ci" });
  const bot = await comeBack(server, token);
  const frame = { type: "message", room: "lobby", content: "hi" };
  const begun = performance.now();
  for (let n = 0; n < 4; n++) assertEquals((await bot.ask(frame)).type, "ok");
  assert(performance.now() - begun < 900, "the burst waits for nothing");
});

Deno.test("protocol 3.6: the token in the server's file that was revoked is not added again", async () => {
  const directory = await Deno.makeTempDir();
  try {
    let first = "";
    {
      await using server = await startTestServer({ directory });
      first = server.adminToken;
      const admin = await comeBack(server, first);
      const { tokens: [own] } = await admin.ask({ type: "tokens" });
      assertEquals((await admin.ask({ type: "revoke", token: own.token })).type, "ok");
    }
    await using server = await startTestServer({ directory });
    assert(server.adminToken !== first);
    assertEquals((await hello(await server.connect(), byToken(first))).code, "auth_failed");
    const admin = await server.connect();
    assertEquals((await hello(admin, byToken(server.adminToken))).you.role, "admin");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("protocol 3.7: one for a single room learns of no other, by events and by other users", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const bob = await enter(server, "bob", "ops");
  await bob.ask({ type: "join", room: "dev", create: true });
  const admin = await comeBack(server, server.adminToken);
  const limited = await connectScoped(server, {
    token: server.adminToken,
    scopes: ["read:ops", "send:dev"],
  });
  const all = await connectScoped(server, { token: server.adminToken, scopes: ["read"] });
  for (const room of ["dev", "ops"]) await admin.ask({ type: "join", room });
  assertEquals((await limited.until("joined")).room, "ops");
  for (const room of ["dev", "ops"]) assertEquals((await all.until("joined")).room, room);
  assertEquals((await limited.ask({ type: "whois", user: "bob" })).code, "forbidden");
  assertEquals((await all.ask({ type: "whois", user: "bob" })).type, "whois");
});
