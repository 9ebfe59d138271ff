// Protocol 10.9 and 3.7: who follows the desk by a token with the scope `desk`, and what such a token is
// never good for.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, hello, UNHURRIED } from "./scene.ts";

/** What the desk's readers ask, and what nobody is answered by such a token. */
const READS: readonly Frame[] = [
  { type: "history", room: "desk" },
  { type: "history", room: "?1" },
  { type: "members", room: "?1" },
];
const WRITES: readonly Frame[] = [
  { type: "respond", inquiry: 1, content: "yes" },
  { type: "decide", inquiry: 1, choice: "yes" },
  { type: "claim", inquiry: 1 },
  { type: "resolve", inquiry: 1 },
  { type: "seen", inquiry: 1 },
  { type: "message", room: "?1", content: "yes" },
  { type: "inquiry", content: "May I?" },
  { type: "queue" },
  { type: "report" },
  { type: "join", room: "desk" },
  { type: "token", label: "more", scopes: ["desk"] },
];

async function codesOf(client: RawClient, requests: readonly Frame[]): Promise<readonly string[]> {
  const codes: string[] = [];
  for (const request of requests) {
    const { type, code } = await client.ask(request);
    codes.push(code ?? type);
  }
  return codes;
}

/** A connection by a token with this scope, of a program or of oneself. */
async function withToken(
  server: TestServer,
  { by, user, scope = "desk" }: { by: RawClient; user?: string; scope?: string },
): Promise<RawClient> {
  const issued = await by.ask({ type: "token", label: "desk", scopes: [scope], user });
  return await comeBack(server, String(issued.token));
}

Deno.test("protocol 10.9: a program follows the desk and its inquiries by the scope desk, and does nothing else", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const admin = await comeBack(server, server.adminToken);
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "May I?" });
  await admin.ask({ type: "account", name: "watcher", bot: true });
  const bot = await withToken(server, { by: admin, user: "watcher" });
  assertEquals(await codesOf(bot, READS), ["page", "page", "members"]);
  const rooms = [{ room: "desk", seq: 0 }, { room: "lobby", seq: 0 }];
  const resumed = await bot.ask({ type: "resume", rooms });
  assertEquals(resumed.rooms.map((one: Frame) => one.error), [undefined, "forbidden"]);
  assertEquals((await bot.until("desk")).change, "opened");
  assertEquals(new Set(await codesOf(bot, WRITES)), new Set(["forbidden"]));
  await admin.ask({ type: "respond", inquiry: 1, content: "yes" });
  const { change, content, from, to } = await bot.until("desk");
  assertEquals([change, content, from, to], ["answered", "yes", "admin", 2]);
  assertEquals((await ann.until("response")).content, "yes");
  const other = await withToken(server, { by: admin, user: "watcher", scope: "read" });
  assertEquals(await codesOf(other, READS), ["no_such_room", "no_such_inquiry", "no_such_inquiry"]);
});

Deno.test("protocol 10.9: of a person the scope desk is good as long as they are an operator", async () => {
  await using server = await startTestServer({ limits: UNHURRIED, accounts: "open" });
  const admin = await comeBack(server, server.adminToken);
  await (await greet(server, "ann")).ask({ type: "inquiry", content: "May I?" });
  const { token } = await admin.ask({ type: "account", name: "carol", role: "operator" });
  assertEquals(typeof token, "undefined");
  const { code } = await admin.ask({ type: "code", kind: "reset", user: "carol" });
  const carol = await server.connect();
  await hello(carol, { method: "code", code, password: "correct horse battery" });
  const reader = await withToken(server, { by: carol });
  assertEquals(await codesOf(reader, READS), ["page", "page", "members"]);
  await reader.ask({ type: "resume", rooms: [{ room: "desk", seq: 1 }] });
  await admin.ask({ type: "account", name: "carol", role: "member" });
  const none = ["no_such_room", "no_such_inquiry", "no_such_inquiry"];
  assertEquals(await codesOf(reader, READS), none);
  await admin.ask({ type: "claim", inquiry: 1 });
  await reader.quiet();
  assertEquals(await codesOf(await withToken(server, { by: carol }), READS), none);
});
