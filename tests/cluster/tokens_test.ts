// Tokens and codes on two servers of one store: what ends or is redeemed on one is so on the other.

import { assert, assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, greet, hello, UNHURRIED } from "../protocol/scene.ts";

interface Pair extends AsyncDisposable {
  readonly net: MemoryNet;
  readonly one: TestServer;
  readonly other: TestServer;
}

async function startPair(pace: number): Promise<Pair> {
  const net = new MemoryNet();
  const one = await startTestServer({ bus: net.join(), pace, limits: UNHURRIED });
  const other = await startTestServer({ bus: net.join(), beside: one, pace, limits: UNHURRIED });
  return {
    net,
    one,
    other,
    async [Symbol.asyncDispose](): Promise<void> {
      await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

/** Ends ada's second device on the one server, while it is connected to the other. */
async function endOnOther({ one, other }: Pair): Promise<RawClient> {
  const ada = await greet(one, "ada");
  const { code } = await ada.ask({ type: "code", kind: "device" });
  const phone = await other.connect();
  assertEquals((await hello(phone, { method: "code", code })).type, "welcome");
  const { tokens } = await ada.ask({ type: "tokens" });
  const { token } = tokens.find((one: Frame) => one.own === undefined);
  assertEquals((await ada.ask({ type: "revoke", token })).type, "ok");
  return phone;
}

Deno.test("two servers: a token that is revoked on one ends its connections to the other, by the notice", async () => {
  // Its own looks into the store come too late for this test.
  await using pair = await startPair(0.001);
  const phone = await endOnOther(pair);
  assertEquals((await phone.until("bye")).code, "revoked");
  assertEquals(pair.net.reported.filter(({ type }) => type === "tokens").length, 1);
});

Deno.test("two servers: a token that is revoked on one ends its connections to the other, though the notice is lost", async () => {
  await using pair = await startPair(10);
  pair.net.loses = ({ type }) => type === "tokens";
  const phone = await endOnOther(pair);
  assertEquals((await phone.until("bye")).code, "revoked");
});

Deno.test("two servers: a token that was revoked on one logs nobody in on the other", async () => {
  await using pair = await startPair(0.001);
  const { one, other } = pair;
  const ada = await greet(one, "ada");
  const { token } = JSON.parse(ada.raw.split("\n")[0] ?? "");
  await ada.ask({ type: "logout" });
  assertEquals((await hello(await other.connect(), byToken(token))).code, "auth_failed");
});

Deno.test("two servers: of forty who redeem a code on both at once, one gets an account", async () => {
  await using pair = await startPair(0.01);
  const admin = await comeBack(pair.one, pair.one.adminToken);
  const { code } = await admin.ask({ type: "code", kind: "join" });
  const replies = await Promise.all(Array.from({ length: 40 }, async (_, n) => {
    const client = await (n % 2 === 0 ? pair.one : pair.other).connect();
    const auth = { method: "code", code, name: `racer-${n}` };
    return (await hello(client, auth)).code ?? "welcome";
  }));
  assertEquals(replies.filter((code) => code === "welcome").length, 1);
  assertEquals(replies.filter((code) => code === "auth_failed").length, 39);
});

Deno.test("two servers: a user who is invited on one has joined for the subscribers on the other", async () => {
  await using pair = await startPair(0.01);
  const bob = await greet(pair.other, "bob");
  await bob.ask({ type: "join", room: "ops", create: true });
  const admin = await comeBack(pair.one, pair.one.adminToken);
  const { code } = await admin.ask({ type: "code", kind: "join", rooms: ["ops"] });
  await hello(await pair.one.connect(), { method: "code", code, name: "ann" });
  assertEquals((await bob.until("joined")).from, "ann");
});

Deno.test("two servers: what is stored after a user was suspended, made a member or logged out elsewhere is not sent to them", async () => {
  await using pair = await startPair(0.001);
  const { net, one, other } = pair;
  net.loses = () => true;
  const boss = await comeBack(one, one.adminToken);
  await boss.ask({ type: "join", room: "ops", create: true });
  const enterOther = async (name: string) => {
    const { token } = await (await other.connect()).hello(name);
    const client = await comeBack(other, token);
    await client.ask({ type: "register" });
    await client.ask({ type: "join", room: "ops" });
    return { client, token };
  };
  const [ann, bob, cid] = [
    await enterOther("ann"),
    await enterOther("bob"),
    await enterOther("cid"),
  ];
  await boss.ask({ type: "account", name: "cid", role: "operator" });
  await other.server.hub.poll("all");
  await cid.client.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });

  await (await comeBack(one, ann.token)).ask({ type: "logout" });
  await boss.ask({ type: "account", name: "bob", state: "suspended" });
  await boss.ask({ type: "account", name: "cid", role: "member" });
  await boss.ask({ type: "message", room: "ops", content: "secret" });
  await boss.ask({ type: "inquiry", content: "secret" });
  delayReads(other, cid.client);
  await other.server.hub.poll("all");
  for (const { client } of [ann, bob]) {
    assertEquals((await client.until("bye")).code, "revoked");
    assert(!client.raw.includes("secret"));
  }
  await cid.client.until("message");
  await cid.client.ask({ type: "ping" });
  assert(!cid.client.raw.includes('"type":"desk"'));
});

/** What has ended and changed is read slowly: events that were read before are sent meanwhile. */
function delayReads({ repository: { accounts, tokens } }: TestServer, client: RawClient): void {
  const changes = accounts.changes.bind(accounts);
  const endings = tokens.endings.bind(tokens);
  const turns = async () => {
    for (let turn = 0; turn < 5; turn++) await client.ask({ type: "ping" });
  };
  Object.assign(accounts, {
    changes: (...asked: Parameters<typeof changes>) => turns().then(() => changes(...asked)),
  });
  Object.assign(tokens, {
    endings: (...asked: Parameters<typeof endings>) => turns().then(() => endings(...asked)),
  });
}
