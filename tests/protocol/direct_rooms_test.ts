// Protocol 4.8: direct conversations, under the name of the other one.

import { assert, assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { account, comeBack, greet, join, tokenOf, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

function write(client: RawClient, name: string, content: string, more = {}): Promise<Frame> {
  return client.ask({ type: "message", room: `@${name}`, content, ...more });
}

Deno.test("protocol 4.8: each of the two gets the conversation from its first seq, under the other's name", async () => {
  await using server = await startTestServer(ROOMY);
  const token = await tokenOf(server, { name: "bob" });
  const bobs = [await comeBack(server, token), await comeBack(server, token)];
  const ann = await account(server, "ann");
  const eve = await account(server, "eve");
  const { room, seq } = await write(ann, "BOB", "one");
  assertEquals([room, seq], ["@bob", 1]);
  assertEquals((await write(bobs[0] as RawClient, "ann", "two")).room, "@ann");
  const take = async (client: RawClient) =>
    (await client.received("message", 2))
      .map(({ room, seq, from, content }) => [room, seq, from, content]);
  for (const bob of bobs) {
    assertEquals(await take(bob), [["@ann", 1, "ann", "one"], ["@ann", 2, "bob", "two"]]);
  }
  assertEquals(await take(ann), [["@bob", 1, "ann", "one"], ["@bob", 2, "bob", "two"]]);
  await eve.quiet();
});

Deno.test("protocol 4.8: every reply has the other's name", async () => {
  await using server = await startTestServer(ROOMY);
  const token = await tokenOf(server, { name: "bob" });
  const ann = await account(server, "ann");
  const bob = await comeBack(server, token);
  await write(ann, "bob", "one @bob");
  await bob.until("message");
  const replies = [
    await bob.ask({ type: "history", room: "@Ann" }),
    await bob.ask({ type: "history", room: "@ann", around: 1 }),
    await bob.ask({ type: "read", room: "@ann", seq: 0 }),
    await bob.ask({ type: "members", room: "@ann" }),
    await join(bob, "@ANN"),
    await join(bob, "@ann", { create: true }),
  ];
  assertEquals(replies.map(({ room }) => room), replies.map(() => "@ann"));
  assertEquals(replies.slice(0, 2).map(({ events }) => events[0].room), ["@ann", "@ann"]);
  assertEquals(replies[3]?.members.map(({ name }: Frame) => name), ["ann", "bob"]);
  const { rooms: [own] } = await bob.ask({ type: "rooms", joined: true });
  const expected = { kind: "direct", first: 1, last: 1, read: 0, unread: 1, mentions: 1 };
  assertEquals(own, { room: "@ann", ...expected, joined: true });
  const later = await server.connect();
  const welcome = await later.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  assertEquals(welcome.rooms, [{ room: "@ann", ...expected }]);
  const resumed = await later.ask({ type: "resume", rooms: [{ room: "@aNN", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "@ann", missed: 1, recovered: true, last: 1 }]);
  assertEquals((await later.until("message")).room, "@ann");
  assert(!/@\d+:\d+/.test(ann.raw + bob.raw + later.raw));
});

Deno.test("protocol 4.8: a resend is stored once, and a cid is of one conversation", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
  await account(server, "eve");
  const first = await write(ann, "bob", "one", { cid: "c" });
  const again = await write(ann, "bob", "one", { cid: "c" });
  assertEquals([again.seq, again.time, again.dup], [first.seq, first.time, true]);
  assertEquals((await write(ann, "eve", "one", { cid: "c" })).code, "cid_conflict");
  await bob.until("message");
  await bob.quiet();
});

Deno.test("protocol 4.8: only two accounts have a conversation, and it is neither left nor opened otherwise", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
  const guest = await greet(server, "guest");
  const refusals = [
    await write(ann, "nobody", "x"),
    await write(ann, "guest", "x"),
    await write(ann, "Ann", "x"),
    await write(guest, "bob", "x"),
    await write(guest, "nobody", "x"),
    await join(ann, "@bob", { create: true }),
    await ann.ask({ type: "history", room: "@bob" }),
    await ann.ask({ type: "history", room: "@nobody" }),
    await ann.ask({ type: "leave", room: "@bob" }),
  ].map(({ code, field }) => [code, field]);
  assertEquals(refusals, [
    ["no_such_user", "room"],
    ["no_such_user", "room"],
    ["bad_field", "room"],
    ["forbidden", "room"],
    ["forbidden", "room"],
    ["no_such_room", "room"],
    ["no_such_room", "room"],
    ["no_such_room", "room"],
    ["no_such_room", "room"],
  ]);
  await write(ann, "bob", "x");
  assertEquals((await bob.ask({ type: "leave", room: "@ann" })).code, "forbidden");
  assertEquals((await bob.ask({ type: "add", room: "@ann", user: "guest" })).code, "forbidden");
  assertEquals((await write(bob, "ann", "y")).seq, 2);
});

testEachStore(
  "protocol 4.8: a conversation outlasts a new name of one of the two",
  async (database) => {
    const driver = await openMigrated(database);
    await using server = await startTestServer({ ...ROOMY, driver });
    const [ann, bob] = [await account(server, "ann"), await account(server, "bob")];
    await write(ann, "bob", "one");
    await bob.until("message");
    bob.close();
    await driver.execute(
      "UPDATE Users SET username = 'Rob', name_key = 'rob', name_skeleton = 'rob' WHERE name_key = 'bob'",
    );
    const next = await account(server, "ann");
    assertEquals((await write(next, "bob", "two")).code, "no_such_user");
    const { room, seq } = await write(next, "rob", "two");
    assertEquals([room, seq], ["@Rob", 2]);
    const { events } = await next.ask({ type: "history", room: "@rob" });
    assertEquals(events.map(({ room, content }: Frame) => [room, content]), [
      ["@Rob", "one"],
      ["@Rob", "two"],
    ]);
    // Live, too, on the connection that was there before.
    assertEquals((await ann.received("message", 2)).map(({ room }) => room), ["@bob", "@Rob"]);
  },
);

Deno.test("protocol 4.8: a list of one's rooms goes on behind a conversation", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await account(server, "ann");
  for (const name of ["bob", "eve", "kim"]) {
    await account(server, name);
    await write(ann, name, "hi");
  }
  await join(ann, "lobby");
  const listed: string[] = [];
  for (let more = true; more;) {
    const page = await ann.ask({ type: "rooms", joined: true, limit: 1, after: listed.at(-1) });
    listed.push(...page.rooms.map(({ room }: Frame) => room));
    more = page.more;
  }
  assertEquals(listed.toSorted(), ["@bob", "@eve", "@kim", "lobby"]);
  const refused = await ann.ask({ type: "rooms", joined: true, after: "@nobody" });
  assertEquals([refused.code, refused.field], ["bad_field", "after"]);
});

Deno.test("protocol 4.8: a connection that logs in while a conversation begins gets it from its first seq", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await account(server, "ann");
  const token = await tokenOf(server, { name: "bob" });
  const bob = await server.connect();
  const { members } = server.repository;
  const ofUser = members.ofUser.bind(members);
  let begun: Promise<Frame> | undefined;
  Object.assign(members, {
    // The list of bob's rooms is read, then ann's message is stored, then bob is logged in.
    ofUser: async (...args: Parameters<typeof ofUser>) => {
      const found = await ofUser(...args);
      begun ??= write(ann, "bob", "one");
      await begun;
      return found;
    },
  });
  const welcome = await bob.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  assertEquals([welcome.type, welcome.rooms], ["welcome", []]);
  await write(ann, "bob", "two");
  const events = await bob.received("message", 2);
  assertEquals(events.map(({ room, seq }) => [room, seq]), [["@ann", 1], ["@ann", 2]]);
});

Deno.test("protocol 4.8: a token for some rooms sees no private room and no conversation, and begins none", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await account(server, "ann");
  await account(server, "bob");
  await join(ann, "secret", { create: true, private: true });
  await join(ann, "ops", { create: true });
  const bot = async (...scopes: readonly string[]) => {
    const { token } = await ann.ask({ type: "token", label: "ci", scopes });
    return await comeBack(server, token);
  };
  const limited = await bot("read:ops", "send:ops");
  const names = async (client: RawClient, more = {}) =>
    (await client.ask({ type: "rooms", ...more })).rooms.map(({ room }: Frame) => room);
  for (const client of [limited, await bot("read")]) {
    assertEquals((await write(client, "bob", "x")).code, "forbidden");
  }
  assertEquals(await names(ann, { joined: true }), ["ops", "secret"]);
  await write(ann, "bob", "one");
  assertEquals(await names(limited), ["ops"]);
  assertEquals(await names(limited, { joined: true }), ["ops"]);
  for (const room of ["secret", "@bob"]) {
    assertEquals((await limited.ask({ type: "history", room })).code, "forbidden");
  }
  const { token } = await ann.ask({ type: "token", label: "ci", scopes: ["read:ops"] });
  const reader = await comeBack(server, token);
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  assertEquals((await ann.ask({ type: "whois", user: "bob" })).rooms, ["secret"]);
  // It is about no single room.
  assertEquals((await reader.ask({ type: "whois", user: "bob" })).code, "forbidden");
  await limited.quiet();
  assertEquals(/@\d+:\d+/.test(limited.raw), false);
});

Deno.test("protocol 4.8: what is sent to a suspended account is stored, and read when it is back", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await account(server, "ann");
  const token = await tokenOf(server, { name: "bob" });
  const admin = await comeBack(server, server.adminToken);
  await admin.ask({ type: "account", name: "bob", state: "suspended" });
  const { type, seq } = await write(ann, "bob", "one");
  assertEquals([type, seq], ["ok", 1]);
  await admin.ask({ type: "account", name: "bob", state: "active" });
  const again = await server.connect();
  const back = await again.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  const bob = back.type === "welcome" ? again : await account(server, "bob");
  const { events } = await bob.ask({ type: "history", room: "@ann" });
  assertEquals(events.map(({ content }: Frame) => content), ["one"]);
});
