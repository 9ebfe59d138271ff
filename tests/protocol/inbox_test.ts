// Protocol 6.7: what concerns a user over all rooms, and bookmarks.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { openMigrated, type TestDatabase, testEachStore } from "../support/stores/databases.ts";
import { account, greet, join, operator, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: { ...UNHURRIED, rooms_owned: 100, rooms_joined: 100 } };

async function open(database: TestDatabase): Promise<TestServer> {
  return await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
}

function say(client: RawClient, room: string, content: string, more = {}): Promise<Frame> {
  return client.ask({ type: "message", room, content, ...more });
}

function spell({ reason, event }: Frame): string {
  return `${reason} ${event.room}:${event.seq} ${event.type} ${event.content ?? event.state}`;
}

/** All entries of all pages, each page of at most so many. */
async function inboxOf(client: RawClient, limit = 100): Promise<string[]> {
  const entries: string[] = [];
  let from: string | undefined;
  for (;;) {
    const page = await client.ask({ type: "inbox", limit, from });
    entries.push(...page.entries.map(spell));
    if (page.entries.length > limit) throw new Error(`A page of ${page.entries.length} entries`);
    if (!page.more) return entries;
    from = page.next;
  }
}

async function latersOf(client: RawClient, limit = 100): Promise<string[]> {
  const entries: string[] = [];
  let from: string | undefined;
  for (;;) {
    const page = await client.ask({ type: "laters", limit, from });
    entries.push(...page.entries.map(({ event }: Frame) => `${event.room}:${event.seq}`));
    if (!page.more) return entries;
    from = page.next;
  }
}

testEachStore("protocol 6.7: the inbox has what concerns the user, by reason", async (database) => {
  await using server = await open(database);
  const ann = await account(server, "ann");
  const bob = await operator(server, "bob");
  for (const who of [ann, bob]) await join(who, "ops", { create: true });
  await say(ann, "ops", "does db4 work?");
  await say(bob, "ops", "nobody is named here");
  await say(bob, "ops", "@ann it does");
  await say(bob, "ops", "since noon", { to: 1 });
  await say(bob, "ops", "to nobody of note", { to: 2 });
  await say(bob, "@ann", "a word with you");
  const { inquiry } = await ann.ask({ type: "inquiry", content: "may I?" });
  await bob.ask({ type: "respond", inquiry, content: "you may" });
  const asked = await ann.ask({ type: "inquiry", content: "run it?", choices: ["yes", "no"] });
  await bob.ask({ type: "decide", inquiry: asked.inquiry, choice: "yes", content: "go" });
  const withdrawn = await ann.ask({ type: "inquiry", content: "wait?", choices: ["yes", "no"] });
  await ann.ask({ type: "withdraw", inquiry: withdrawn.inquiry });
  const expected = [
    "mention ops:3 message @ann it does",
    "reply ops:4 message since noon",
    "direct @bob:1 message a word with you",
    `answer ?${inquiry}:2 response you may`,
    `decision ?${asked.inquiry}:2 decision go`,
  ];
  assertEquals(await inboxOf(ann), expected);
  for (const limit of [1, 2, 3]) assertEquals(await inboxOf(ann, limit), expected);
  // What one has said oneself is nothing new.
  assertEquals(await inboxOf(bob), []);
});

testEachStore(
  "protocol 6.7: what is read, deleted or of an ignored user is no entry",
  async (database) => {
    await using server = await open(database);
    const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
    const eve = await account(server, "eve");
    for (const who of [ann, bob, eve]) await join(who, "ops", { create: true });
    await say(bob, "ops", "@ann one");
    await say(bob, "ops", "@ann two");
    await say(bob, "ops", "@ann three");
    await say(bob, "@ann", "four");
    await say(eve, "ops", "@ann five");
    await say(eve, "@ann", "six");
    await ann.ask({ type: "read", room: "ops", seq: 1 });
    await bob.ask({ type: "delete", room: "ops", seq: 2 });
    await ann.ask({ type: "ignore", user: "eve", on: true });
    assertEquals(await inboxOf(ann), [
      "mention ops:3 message @ann three",
      "direct @bob:1 message four",
    ]);
    await ann.ask({ type: "leave", room: "ops" });
    await bob.ask({ type: "delete", room: "@ann", seq: 1 });
    assertEquals(await inboxOf(ann), []);
  },
);

testEachStore(
  "protocol 6.7: who is named by an edit alone finds the message as it is now",
  async (database) => {
    await using server = await open(database);
    const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
    for (const who of [ann, bob]) await join(who, "ops", { create: true });
    await say(bob, "ops", "who can look?");
    await say(bob, "ops", "anyone");
    await ann.ask({ type: "read", room: "ops", seq: 2 });
    await bob.ask({ type: "edit", room: "ops", seq: 1, content: "@ann, can you look?" });
    await bob.ask({ type: "edit", room: "ops", seq: 1, content: "@ann, can you look at db4?" });
    assertEquals(await inboxOf(ann), ["mention ops:1 message @ann, can you look at db4?"]);
    await bob.ask({ type: "delete", room: "ops", seq: 1 });
    assertEquals(await inboxOf(ann), []);
  },
);

testEachStore(
  "protocol 6.7: nothing of a room that one may not read any more is listed",
  async (database) => {
    await using server = await open(database);
    const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
    await join(bob, "plans", { create: true, private: true });
    await bob.ask({ type: "add", room: "plans", user: "ann" });
    await join(ann, "plans");
    await say(bob, "plans", "@ann the plan");
    assertEquals((await ann.ask({ type: "later", room: "plans", seq: 1, on: true })).type, "ok");
    assertEquals([await inboxOf(ann), await latersOf(ann)], [
      ["mention plans:1 message @ann the plan"],
      ["plans:1"],
    ]);
    await bob.ask({ type: "kick", room: "plans", user: "ann" });
    assertEquals([await inboxOf(ann), await latersOf(ann)], [[], []]);
    const [hidden, missing] = [
      await ann.ask({ type: "later", room: "plans", seq: 1, on: true }),
      await ann.ask({ type: "later", room: "planz", seq: 1, on: true }),
    ];
    assertEquals(hidden.code, "no_such_room");
    assertEquals(hidden.message.replace("plans", ""), missing.message.replace("planz", ""));
  },
);

testEachStore(
  "protocol 6.7: a bookmark is one, whoever sets it again, and goes with its message",
  async (database) => {
    await using server = await open(database);
    const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
    for (const who of [ann, bob]) await join(who, "ops", { create: true });
    for (const text of ["one", "two", "three"]) await say(bob, "ops", text);
    const set = async (seq: number, on: boolean) =>
      (await ann.ask({ type: "later", room: "ops", seq, on })).type;
    for (const seq of [3, 1, 1, 2]) assertEquals(await set(seq, true), "ok");
    assertEquals(await latersOf(ann), ["ops:2", "ops:1", "ops:3"]);
    assertEquals((await latersOf(ann, 1)).length, 3);
    assertEquals(await latersOf(bob), []);
    assertEquals([await set(3, false), await set(3, false)], ["ok", "ok"]);
    await bob.ask({ type: "delete", room: "ops", seq: 2 });
    assertEquals(await latersOf(ann), ["ops:1"]);
    for (const seq of [2, 99]) {
      const refused = await ann.ask({ type: "later", room: "ops", seq, on: true });
      assertEquals([refused.code, refused.field], ["bad_field", "seq"]);
    }
  },
);

testEachStore(
  "protocol 6.7: a guest has an inbox, and pages go over more rooms than one looks into",
  async (database) => {
    await using server = await open(database);
    const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
    const rooms = Array.from({ length: 40 }, (_, n) => `room-${n}`);
    for (const room of rooms) {
      await join(bob, room, { create: true });
      await join(ann, room);
      await say(bob, room, "hello @ann");
    }
    const found = (await inboxOf(ann, 7)).map((line) => line.split(" ")[1]);
    assertEquals(found.toSorted(), rooms.map((room) => `${room}:1`).toSorted());
  },
);

Deno.test("inbox: a page on its way has nothing of a room that its reader was removed from meanwhile", async () => {
  await using server = await startTestServer(ROOMY);
  using ann = await account(server, "ann");
  using bob = await account(server, "bob");
  await join(ann, "secret", { create: true, private: true });
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  await join(bob, "secret");
  await say(ann, "secret", "@bob, read this");
  const { inbox } = server.repository;
  const entries = inbox.entries.bind(inbox);
  Object.assign(inbox, {
    entries: async (...asked: Parameters<typeof entries>) => {
      await ann.ask({ type: "kick", room: "secret", user: "bob" });
      await ann.ask({ type: "edit", room: "secret", seq: 1, content: "@bob must not read this" });
      return await entries(...asked);
    },
  });
  assertEquals(await inboxOf(bob), []);
});
