// Tokens and codes on two servers of one store: what ends or is redeemed on one is so on the other.

import { assertEquals } from "@std/assert";
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
