// Protocol 10.13: programs do not answer each other without end.

import { assertEquals } from "@std/assert";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, UNHURRIED } from "./scene.ts";

const LIMITS = {
  ...UNHURRIED,
  bot_messages_burst: 1_000,
  bot_messages_per_s: 1_000,
};

Deno.test("protocol 10.13: the third answer of programs to each other is refused, and operators are sent it once", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const admin = await comeBack(server, server.adminToken);
  await admin.ask({ type: "join", room: "ops", create: true });
  await admin.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
  const bots: RawClient[] = [];
  for (const user of ["ping-bot", "pong-bot"]) {
    await admin.ask({ type: "account", name: user, bot: true });
    const scopes = ["read", "send"];
    const { token } = await admin.ask({ type: "token", label: "t", scopes, user });
    bots.push(await comeBack(server, token));
  }
  const [ping, pong] = bots as [RawClient, RawClient];
  const say = (client: RawClient, to?: number) =>
    client.ask({ type: "message", room: "ops", content: "x", to });
  const { seq: asked } = await say(admin);
  const { seq: first } = await say(ping, asked);
  const { seq: second } = await say(pong, first);
  const { seq: third } = await say(ping, second);
  for (let time = 0; time < 2; time++) {
    const refused = await say(pong, third);
    assertEquals([refused.code, refused.field], ["rate_limited", "to"]);
  }
  const [sent] = await admin.received("bot_loop", 1);
  assertEquals([sent?.room, sent?.from, sent?.bot], ["ops", "pong-bot", true]);
  await admin.ask({ type: "ping" });
  assertEquals(admin.raw.split('"bot_loop"').length, 2);
  // A person may answer, and programs may answer that.
  const { seq: word } = await say(admin, third);
  assertEquals((await say(pong, word)).type, "ok");
  // A chain that begins with a program is as long.
  const { seq: own } = await say(pong);
  const { seq: next } = await say(ping, own);
  const { seq: last } = await say(pong, next);
  assertEquals((await say(ping, last)).code, "rate_limited");
  assertEquals((await say(ping, 99)).code, "bad_field");
});
