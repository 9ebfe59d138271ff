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
