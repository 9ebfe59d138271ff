// The search (protocol §6.6): what is found, by whom, and in which pages.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseSearch } from "../../lib/chat/search/search_query.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, enter, greet, hello, join, UNHURRIED } from "./scene.ts";

async function say(client: RawClient, room: string, ...texts: readonly string[]): Promise<void> {
  for (const content of texts) {
    assertEquals((await client.ask({ type: "message", room, content })).type, "ok");
  }
}

async function find(client: RawClient, query: string): Promise<readonly string[]> {
  const texts: string[] = [];
  let from: string | undefined;
  for (;;) {
    const found = await client.ask({ type: "search", query, limit: 2, from });
    assertEquals(found.type, "found", JSON.stringify(found));
    texts.push(...found.events.map(({ room, content }: Frame) => `${room}: ${content}`));
    if (!found.more) return texts;
    from = found.next;
  }
}

Deno.test("protocol 6.6: words, phrases, exclusions and filters", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await enter(server, "ada", "ops");
  const bob = await enter(server, "bob", "dev");
  await join(bob, "ops");
  await say(ada, "ops", "The disk is full", "disk full on db4");
  await say(bob, "dev", "Disk of db3 is full");
  await say(bob, "ops", "@ada look at the disk");
  assertEquals(await find(ada, "disk"), [
    "ops: @ada look at the disk",
    "dev: Disk of db3 is full",
    "ops: disk full on db4",
    "ops: The disk is full",
  ]);
  assertEquals(await find(ada, '"disk full"'), ["ops: disk full on db4"]);
  assertEquals(await find(ada, "disk -full"), ["ops: @ada look at the disk"]);
  assertEquals(await find(ada, "full in:dev"), ["dev: Disk of db3 is full"]);
  assertEquals(await find(ada, "from:bob full"), ["dev: Disk of db3 is full"]);
  assertEquals(await find(ada, "disk mentions:me"), ["ops: @ada look at the disk"]);
  assertEquals(await find(ada, "disk before:2001-01-01"), []);
  assertEquals((await find(ada, "disk after:2001-01-01")).length, 4);
});

Deno.test("protocol 6.6: what is found does not depend on what is in the index already", async () => {
  await using server = await startTestServer({ limits: UNHURRIED, pace: 50 });
  const ada = await enter(server, "ada", "ops");
  for (let count = 1; count <= 40; count++) {
    await say(ada, "ops", `report ${count}`);
    assertEquals((await find(ada, "report")).length, count);
  }
});

Deno.test("protocol 6.6: refused are queries without a term, and rooms that one may not read", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await greet(server, "ada");
  for (const query of ["", "  ", "in:lobby", "-disk", "before:2026-01-01", 7, "a\u0000b"]) {
    const { code, field } = await ada.ask({ type: "search", query });
    assertEquals([code, field], ["bad_field", "query"], String(query));
  }
  for (const from of ["0", "-1", "x", 5]) {
    assertEquals((await ada.ask({ type: "search", query: "disk", from })).field, "from");
  }
  assertEquals((await ada.ask({ type: "search", query: "disk in:nowhere" })).code, "no_such_room");
});

/** An account, for rooms that guests do not have. */
async function account(server: TestServer, name: string): Promise<RawClient> {
  const client = await greet(server, name);
  assertEquals((await client.ask({ type: "register" })).type, "ok");
  return client;
}

Deno.test("protocol 6.6: only what one may read now is found", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [ann, bob, eve] = [
    await account(server, "ann"),
    await account(server, "bob"),
    await account(server, "eve"),
  ];
  await join(ann, "plans", { create: true, private: true });
  await ann.ask({ type: "add", room: "plans", user: "bob" });
  await say(ann, "plans", "canary in plans");
  await say(ann, "@bob", "canary in private");
  const { inquiry } = await ann.ask({ type: "inquiry", content: "canary at the desk?" });
  assert(inquiry > 0);
  await join(ann, "square", { create: true });
  await say(ann, "square", "canary in the square");
  assertEquals(await find(ann, "canary"), [
    "square: canary in the square",
    `?${inquiry}: canary at the desk?`,
    "@bob: canary in private",
    "plans: canary in plans",
  ]);
  assertEquals(await find(bob, "canary"), [
    "square: canary in the square",
    "@ann: canary in private",
    "plans: canary in plans",
  ]);
  assertEquals(await find(eve, "canary"), ["square: canary in the square"]);
  const admin = await server.connect();
  await hello(admin, byToken(server.adminToken));
  assertEquals(await find(admin, "canary"), [
    "square: canary in the square",
    `?${inquiry}: canary at the desk?`,
  ]);
  await ann.ask({ type: "kick", room: "plans", user: "bob" });
  await ann.ask({ type: "ban", room: "square", user: "bob" });
  assertEquals(await find(bob, "canary"), ["@ann: canary in private"]);
  assertEquals((await bob.ask({ type: "search", query: "canary in:plans" })).code, "no_such_room");
});

Deno.test("protocol 6.6: a token with scopes finds only in the rooms that it reads", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ann = await account(server, "ann");
  await join(ann, "ops", { create: true });
  await join(ann, "dev", { create: true });
  await say(ann, "ops", "canary of ops");
  await say(ann, "dev", "canary of dev");
  const { token } = await ann.ask({ type: "token", label: "ci", scopes: ["read:ops"] });
  const bot = await comeBack(server, token);
  assertEquals(await find(bot, "canary"), ["ops: canary of ops"]);
});

Deno.test("protocol 6.6: words that too many messages have are refused, with the way out", async () => {
  await using server = await startTestServer();
  const ann = await greet(server, "ann");
  const { search } = server.repository;
  // As on MySQL where the database gives up.
  search.find = () => Promise.resolve(undefined);
  const { code, field, message } = await ann.ask({ type: "search", query: "the" });
  assertEquals([code, field], ["bad_field", "query"]);
  assertStringIncludes(message, "add another word");
});

Deno.test("search: what is no filter in a right form is text", () => {
  assertEquals(parseSearch('"disk full" from:@bob in:#ops -db4 after:2026-11-01'), {
    all: ["disk full"],
    none: ["db4"],
    from: "bob",
    room: "ops",
    after: Date.UTC(2026, 10, 1),
  });
  assertEquals(parseSearch('before:yesterday mentions:bob to:me - "" -"a b" "open'), {
    all: ["before:yesterday", "mentions:bob", "to:me", "-", '"open'],
    none: ["a b"],
  });
});
