// Moderation (protocol §12): standings, removals and bans, who may decide them, and that they hold at once.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryEndpoint } from "../../lib/server/endpoint/memory_endpoint.ts";
import { type Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, enter, greet, guest, hello, join, UNHURRIED } from "./scene.ts";

const LIMITS = { limits: UNHURRIED };

/** An owner, a moderator and a member of the room `ops`. */
async function staff(server: TestServer): Promise<Record<"ann" | "mod" | "bob", RawClient>> {
  const ann = await enter(server, "ann", "ops");
  const mod = await enter(server, "mod", "ops");
  const bob = await enter(server, "bob", "ops");
  const appointed = await ann.ask({
    type: "standing",
    room: "ops",
    user: "mod",
    standing: "moderator",
  });
  assertEquals(appointed.type, "ok");
  for (const client of [ann, mod, bob]) await client.until("standing");
  return { ann, mod, bob };
}

function admin(server: TestServer): Promise<RawClient> {
  return comeBack(server, server.adminToken);
}

async function codeOf(reply: Promise<Frame>): Promise<string> {
  const { type, code } = await reply;
  return code ?? type;
}

Deno.test("protocol 12.1: a muted member reads and does not send, until when it is given", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, bob } = await staff(server);
  const mute = { type: "standing", room: "ops", user: "bob", standing: "muted" };
  const before = Date.now();
  assertEquals((await mod.ask({ ...mute, for_ms: 60_000, reason: "spam" })).type, "ok");
  const event = await bob.until("standing");
  assertEquals([event.from, event.standing, event.by, event.reason], [
    "bob",
    "muted",
    "mod",
    "spam",
  ]);
  assertEquals(event.until >= before + 60_000, true);
  const refused = await bob.ask({ type: "message", room: "ops", content: "hi" });
  assertEquals([refused.code, refused.until], ["muted", event.until]);
  assertMatch(refused.message, /You are muted in "ops" until \d{4}-/);
  assertEquals(await codeOf(bob.ask({ type: "history", room: "ops" })), "page");
  // To leave and to join again ends no mute.
  await bob.ask({ type: "leave", room: "ops" });
  await join(bob, "ops");
  assertEquals(await codeOf(bob.ask({ type: "message", room: "ops", content: "hi" })), "muted");
  await mod.ask({ ...mute, standing: "member" });
  assertEquals(await codeOf(bob.ask({ type: "message", room: "ops", content: "hi" })), "ok");
});

Deno.test("moderation: a mute and a ban for a time end by themselves", async () => {
  let now = 1_000_000;
  const clock = { now: () => now, monotonic: () => performance.now() };
  await using server = await startTestServer({ ...LIMITS, clock });
  const { mod, bob } = await staff(server);
  const eve = await enter(server, "eve", "ops");
  const send = { type: "message", room: "ops", content: "hi" };
  await mod.ask({ type: "standing", room: "ops", user: "bob", standing: "muted", for_ms: 5_000 });
  await mod.ask({ type: "ban", room: "ops", user: "eve", for_ms: 5_000 });
  const boss = await admin(server);
  const ivy = await greet(server, "ivy");
  await boss.ask({ type: "ban", user: "ivy", for_ms: 5_000 });
  assertEquals((await ivy.untilEnd()).at(-1)?.code, "banned");
  assertEquals(await codeOf(bob.ask(send)), "muted");
  assertEquals(await codeOf(join(eve, "ops")), "banned");
  now += 5_000;
  assertEquals(await codeOf(bob.ask(send)), "ok");
  assertEquals(await codeOf(join(eve, "ops")), "room");
  assertEquals((await mod.ask({ type: "bans", room: "ops" })).bans, []);
});

Deno.test("protocol 12.2: a user who is kicked is outside at once, and may join again", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, ann, bob } = await staff(server);
  const kick = { type: "kick", room: "ops", user: "bob", reason: "off topic" };
  assertEquals((await mod.ask(kick)).type, "ok");
  for (const client of [bob, ann]) {
    const left = await client.until("left");
    assertEquals([left.from, left.code, left.by, left.reason], [
      "bob",
      "kicked",
      "mod",
      "off topic",
    ]);
  }
  await ann.ask({ type: "message", room: "ops", content: "secret" });
  await bob.quiet();
  for (
    const request of [
      { type: "history", room: "ops" },
      { type: "members", room: "ops" },
      { type: "read", room: "ops", seq: 1 },
      { type: "message", room: "ops", content: "hi" },
    ]
  ) assertEquals(await codeOf(bob.ask(request)), "not_in_room", request.type);
  assertEquals(await codeOf(join(bob, "ops")), "room");
  assertEquals(await codeOf(bob.ask({ type: "history", room: "ops" })), "page");
  await ann.ask({ type: "message", room: "ops", content: "again" });
  assertEquals((await bob.until("message")).content, "again");
});

Deno.test("moderation: a resume does not undo a kick", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, ann, bob } = await staff(server);
  await mod.ask({ type: "kick", room: "ops", user: "bob" });
  await bob.until("left");
  const resumed = await bob.ask({ type: "resume", rooms: [{ room: "ops", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "ops", error: "not_in_room" }]);
  await ann.ask({ type: "message", room: "ops", content: "secret" });
  await bob.quiet();
});

Deno.test("protocol 12.3: who is banned from a room sees that it is there, and no more", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, ann, bob } = await staff(server);
  const ban = await mod.ask({ type: "ban", room: "ops", user: "bob", reason: "flood" });
  assertEquals(ban.type, "ok");
  assertEquals((await bob.until("left")).code, "banned");
  for (
    const request of [
      { type: "join", room: "ops" },
      { type: "history", room: "ops" },
      { type: "members", room: "ops" },
      { type: "read", room: "ops", seq: 1 },
      { type: "message", room: "ops", content: "hi" },
    ]
  ) assertEquals(await codeOf(bob.ask(request)), "banned", request.type);
  const resumed = await bob.ask({ type: "resume", rooms: [{ room: "ops", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "ops", error: "banned" }]);
  await ann.ask({ type: "message", room: "ops", content: "secret" });
  await bob.quiet();
  const { bans } = await mod.ask({ type: "bans", room: "ops" });
  assertEquals(bans.map((one: Frame) => [one.ban, one.name, one.by, one.reason]), [
    [ban.ban, "bob", "mod", "flood"],
  ]);
  assertEquals(await codeOf(mod.ask({ type: "unban", room: "ops", user: "bob" })), "ok");
  assertEquals(await codeOf(mod.ask({ type: "unban", room: "ops", user: "bob" })), "bad_field");
  assertEquals(await codeOf(join(bob, "ops")), "room");
});

Deno.test("moderation: nobody acts on a user of the same rank or above, nor on themselves", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, ann, bob } = await staff(server);
  const other = await enter(server, "other", "ops");
  await ann.ask({ type: "standing", room: "ops", user: "other", standing: "moderator" });
  const boss = await admin(server);
  await join(boss, "ops");
  const acts = (user: string) => [
    { type: "kick", room: "ops", user },
    { type: "ban", room: "ops", user },
    { type: "standing", room: "ops", user, standing: "muted" },
  ];
  const name = (await boss.ask({ type: "members", room: "ops" })).members
    .find(({ role }: Frame) => role === "admin").name;
  const refused: readonly (readonly [RawClient, string])[] = [
    [mod, "ann"],
    [mod, "other"],
    [mod, "mod"],
    [mod, name],
    [ann, "ann"],
    [ann, name],
    [bob, "mod"],
    [bob, "bob"],
  ];
  for (const [client, user] of refused) {
    for (const act of acts(user)) {
      assertEquals(await codeOf(client.ask(act)), "forbidden", JSON.stringify(act));
    }
  }
  const appoint = { type: "standing", room: "ops", user: "bob", standing: "moderator" };
  assertEquals(await codeOf(mod.ask(appoint)), "forbidden");
  assertEquals(await codeOf(boss.ask({ type: "kick", room: "ops", user: "other" })), "ok");
  assertEquals((await other.until("left")).code, "kicked");
});

Deno.test("protocol 12.1: a room keeps an owner where it had one", async () => {
  await using server = await startTestServer(LIMITS);
  const { ann, mod } = await staff(server);
  const boss = await admin(server);
  const step = { type: "standing", room: "ops", user: "ann", standing: "member" };
  assertEquals(await codeOf(ann.ask(step)), "forbidden");
  for (const type of ["kick", "ban"]) {
    assertEquals(await codeOf(boss.ask({ type, room: "ops", user: "ann" })), "forbidden", type);
  }
  const owner = { type: "standing", room: "ops", user: "mod", standing: "owner" };
  assertEquals(await codeOf(ann.ask({ ...owner, for_ms: 1_000 })), "bad_field");
  assertEquals(await codeOf(ann.ask(owner)), "ok");
  // Both ask at once to be less: one of them stays.
  const [one, two] = await Promise.all([
    codeOf(ann.ask(step)),
    codeOf(mod.ask({ ...step, user: "mod" })),
  ]);
  assertEquals([one, two].toSorted(), ["forbidden", "ok"]);
});

Deno.test("protocol 12.5: the log has who did what to whom and why, for moderators and admins", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, bob } = await staff(server);
  const boss = await admin(server);
  await mod.ask({ type: "kick", room: "ops", user: "bob", reason: "off topic" });
  await boss.ask({ type: "panic", on: true, reason: "raid" });
  await boss.ask({ type: "panic", on: false });
  const { entries, more } = await mod.ask({ type: "moderation", room: "ops" });
  assertEquals(more, false);
  assertEquals(
    entries.map((
      { act, from, name, detail, reason, room }: Frame,
    ) => [act, from, name, detail, reason, room]),
    [
      ["kick", "mod", "bob", "member", "off topic", "ops"],
      ["standing", "ann", "mod", "moderator", undefined, "ops"],
    ],
  );
  const first = await boss.ask({ type: "moderation", limit: 2 });
  assertEquals([first.more, first.entries.map(({ act, detail }: Frame) => [act, detail])], [true, [
    ["panic", "off"],
    ["panic", "on"],
  ]]);
  const rest = await boss.ask({ type: "moderation", before: first.entries[1].entry });
  assertEquals(rest.entries.map(({ act }: Frame) => act), ["kick", "standing"]);
  assertEquals(await codeOf(bob.ask({ type: "moderation" })), "forbidden");
});

Deno.test("moderation: a server's ban ends connections and keeps the user out by every login", async () => {
  await using server = await startTestServer(LIMITS);
  const bob = await server.connect();
  const { token } = await hello(bob, guest("bob"));
  const boss = await admin(server);
  assertEquals(await codeOf(boss.ask({ type: "ban", user: "bob", reason: "threats" })), "ok");
  const bye = (await bob.untilEnd()).at(-1);
  assertEquals([bye?.type, bye?.code, bye?.reconnect], ["bye", "banned", false]);
  const refused = await hello(await server.connect(), byToken(token));
  assertEquals([refused.code, refused.message], [
    "banned",
    "You are banned from this server: threats",
  ]);
  assertEquals(await codeOf(boss.ask({ type: "unban", user: "bob" })), "ok");
  assertEquals((await hello(await server.connect(), byToken(token))).type, "welcome");
});

Deno.test("moderation: a server's kick ends the connections, and the user may come back", async () => {
  await using server = await startTestServer(LIMITS);
  const bob = await server.connect();
  const { token } = await hello(bob, guest("bob"));
  const boss = await admin(server);
  assertEquals(await codeOf(boss.ask({ type: "kick", user: "bob" })), "ok");
  assertEquals((await bob.untilEnd()).at(-1)?.code, "kicked");
  assertEquals((await hello(await server.connect(), byToken(token))).type, "welcome");
});

Deno.test("moderation: a banned network is refused at its first byte, and from its connections", async () => {
  await using server = await startTestServer({ ...LIMITS, loopback: "limited" });
  const bob = await greet(server, "bob");
  const { hub } = server.server;
  const { repository } = server;
  // The administrator's own address may not be in it: so it is done by the store.
  const boss = await admin(server);
  assertEquals(await codeOf(boss.ask({ type: "ban", network: "127.0.0.0/8" })), "forbidden");
  await repository.moderation.act({
    act: "ban",
    actor: { user: 1 as never, name: "boss" },
    room: undefined,
    subject: { network: "127.0.0.0/8" },
    now: Date.now(),
  }, () => {});
  await hub.poll("all");
  assertEquals((await bob.untilEnd()).at(-1)?.code, "banned");
  const late = await server.connect();
  assertEquals((await late.untilEnd()).map(({ type, code }) => [type, code]), [["bye", "banned"]]);
});

Deno.test("protocol 12.6: while there is a panic no guest comes, and guests are muted everywhere", async () => {
  await using server = await startTestServer(LIMITS);
  const ann = await enter(server, "ann", "ops");
  const bob = await server.connect();
  const { token } = await hello(bob, guest("bob"));
  const boss = await admin(server);
  assertEquals(await codeOf(ann.ask({ type: "panic", on: true })), "forbidden");
  assertEquals(await codeOf(boss.ask({ type: "panic", on: true })), "ok");
  assertEquals((await hello(await server.connect(), guest("eve"))).code, "forbidden");
  const send = { type: "message", room: "ops", content: "hi" };
  for (const request of [send, { type: "inquiry", content: "?" }]) {
    assertEquals(await codeOf(ann.ask(request)), "muted", request.type);
  }
  assertEquals((await hello(await server.connect(), byToken(token))).type, "welcome");
  assertEquals(await codeOf(boss.ask(send)), "ok");
  await boss.ask({ type: "panic", on: false });
  assertEquals(await codeOf(ann.ask(send)), "ok");
  assertEquals((await hello(await server.connect(), guest("eve"))).type, "welcome");
});

Deno.test("moderation: sanctions hold after a restart", async () => {
  const directory = await Deno.makeTempDir();
  try {
    let tokens: readonly string[];
    {
      await using server = await startTestServer({ ...LIMITS, directory });
      const ann = await server.connect();
      const bob = await server.connect();
      const eve = await server.connect();
      tokens = [];
      for (const [client, name] of [[ann, "ann"], [bob, "bob"], [eve, "eve"]] as const) {
        tokens = [...tokens, (await hello(client, guest(name))).token];
        await join(client, "ops", { create: true });
      }
      await ann.ask({ type: "ban", room: "ops", user: "bob" });
      await ann.ask({ type: "standing", room: "ops", user: "eve", standing: "muted" });
      const boss = await admin(server);
      await boss.ask({ type: "panic", on: true });
    }
    await using server = await startTestServer({ ...LIMITS, directory });
    const [ann, bob, eve] = await Promise.all(tokens.map((token) => comeBack(server, token)));
    const send = { type: "message", room: "ops", content: "hi" };
    assertEquals(await codeOf(join(bob as RawClient, "ops")), "banned");
    assertEquals(await codeOf((ann as RawClient).ask(send)), "muted");
    assertEquals((await hello(await server.connect(), guest("ivy"))).code, "forbidden");
    await (await admin(server)).ask({ type: "panic", on: false });
    assertEquals(await codeOf((ann as RawClient).ask(send)), "ok");
    assertEquals(await codeOf((eve as RawClient).ask(send)), "muted");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("protocol 12.7: a user's list of ignored users is their own", async () => {
  await using server = await startTestServer(LIMITS);
  const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
  assertEquals(await codeOf(ann.ask({ type: "ignore", user: "bob", on: true })), "ok");
  assertEquals(await codeOf(ann.ask({ type: "ignore", user: "bob", on: true })), "ok");
  const names = async (client: RawClient) =>
    (await client.ask({ type: "ignores" })).users.map(({ name }: Frame) => name);
  assertEquals([await names(ann), await names(bob)], [["bob"], []]);
  assertEquals(await codeOf(ann.ask({ type: "ignore", user: "ann", on: true })), "forbidden");
  await ann.ask({ type: "ignore", user: "bob", on: false });
  assertEquals(await names(ann), []);
});

Deno.test("protocol 12.4: bans are listed in pages, those of the server for admins alone", async () => {
  await using server = await startTestServer(LIMITS);
  const { ann, mod } = await staff(server);
  const boss = await admin(server);
  for (const at of [1, 2, 3]) {
    await mod.ask({ type: "ban", room: "ops", network: `192.0.2.${at}` });
    await boss.ask({ type: "ban", network: `198.51.100.${at}/32` });
  }
  const networks = ({ bans }: Frame) => bans.map(({ network }: Frame) => network);
  const first = await mod.ask({ type: "bans", room: "ops", limit: 2 });
  assertEquals([networks(first), first.more], [["192.0.2.1/32", "192.0.2.2/32"], true]);
  const rest = await ann.ask({ type: "bans", room: "ops", after: first.bans[1].ban });
  assertEquals([networks(rest), rest.more], [["192.0.2.3/32"], false]);
  assertEquals(networks(await boss.ask({ type: "bans" })).length, 3);
  assertEquals(await codeOf(ann.ask({ type: "bans" })), "forbidden");
});

Deno.test("protocol 12.7: messages of ignored users neither mention nor count as unread", async () => {
  await using server = await startTestServer(LIMITS);
  const ann = await server.connect();
  const { token } = await hello(ann, guest("ann"));
  await join(ann, "ops", { create: true });
  const bob = await enter(server, "bob", "ops");
  const eve = await enter(server, "eve", "ops");
  await ann.ask({ type: "ignore", user: "bob", on: true });
  await bob.ask({ type: "message", room: "ops", content: "@ann look" });
  await eve.ask({ type: "message", room: "ops", content: "@ann well" });
  await bob.ask({ type: "message", room: "ops", content: "here" });
  const counts = async () => {
    const { rooms } = await hello(await server.connect(), byToken(token));
    return rooms.map(({ unread, mentions }: Frame) => [unread, mentions]);
  };
  assertEquals(await counts(), [[1, 1]]);
  await ann.ask({ type: "ignore", user: "bob", on: false });
  assertEquals(await counts(), [[3, 1]]);
});

Deno.test("moderation: a user's standing is in the room's reply, in lists and among the members", async () => {
  await using server = await startTestServer(LIMITS);
  const { ann, mod, bob } = await staff(server);
  await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "muted" });
  const shown = async (client: RawClient) => {
    const room = await join(client, "ops");
    const { rooms } = await client.ask({ type: "rooms", joined: true });
    return [room.standing, rooms[0].standing];
  };
  assertEquals(await Promise.all([ann, mod, bob].map(shown)), [
    ["owner", "owner"],
    ["moderator", "moderator"],
    ["muted", "muted"],
  ]);
  const eve = await enter(server, "eve", "ops");
  assertEquals(await shown(eve), [undefined, undefined]);
  const { members } = await eve.ask({ type: "members", room: "ops" });
  assertEquals(members.map(({ name, standing }: Frame) => [name, standing]), [
    ["ann", "owner"],
    ["bob", "muted"],
    ["eve", undefined],
    ["mod", "moderator"],
  ]);
});

Deno.test("moderation: who does not moderate a room learns neither its bans nor its log", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod, bob } = await staff(server);
  const stranger = await greet(server, "eve");
  for (const type of ["bans", "moderation"]) {
    const codes = [bob, stranger, mod].map((client) => codeOf(client.ask({ type, room: "ops" })));
    assertEquals(await Promise.all(codes), ["forbidden", "forbidden", type]);
  }
});

Deno.test("moderation: events that wait for a slow reader are dropped when it is removed", async () => {
  const inside = new MemoryEndpoint();
  await using server = await startTestServer({ ...LIMITS, endpoints: [inside] });
  const ann = await enter(server, "ann", "ops");
  using bob = RawClient.over(inside.connect());
  await bob.hello("bob");
  await join(bob, "ops");
  await ann.until("joined");
  // Bob reads nothing: some of these wait in his queue.
  const content = "x".repeat(30_000);
  for (let at = 0; at < 20; at++) await ann.ask({ type: "message", room: "ops", content });
  await ann.ask({ type: "kick", room: "ops", user: "bob" });
  await ann.ask({ type: "message", room: "ops", content: "secret" });
  const received: string[] = [];
  for (let type = ""; type !== "left";) received.push(type = (await bob.next()).type);
  assert(received.length < 10, `${received.length - 1} of 20 messages were sent`);
  await bob.quiet();
});

Deno.test("moderation: a stranger to a hidden room learns nothing by moderating there", async () => {
  await using server = await startTestServer(LIMITS);
  const ann = await enter(server, "ann");
  await join(ann, "secret", { create: true, private: true });
  const bob = await enter(server, "bob");
  const boss = await admin(server);
  for (const client of [bob, boss]) {
    for (
      const request of [
        { type: "kick", user: "ann" },
        { type: "ban", user: "ann" },
        { type: "standing", user: "ann", standing: "muted" },
        { type: "bans" },
        { type: "moderation" },
      ]
    ) {
      const asked = { ...request, id: "same" };
      const reply = await client.ask({ ...asked, room: "secret" });
      const missing = await client.ask({ ...asked, room: "secreu" });
      assertEquals(
        JSON.stringify(reply).replaceAll("secret", "secreu"),
        JSON.stringify(missing),
      );
    }
  }
  // Who is removed from it is a stranger again, and who is banned is not added.
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  assertEquals(await codeOf(join(bob, "secret")), "room");
  await ann.ask({ type: "kick", room: "secret", user: "bob" });
  assertEquals((await bob.until("left")).code, "kicked");
  for (const type of ["history", "join", "members"]) {
    assertEquals(await codeOf(bob.ask({ type, room: "secret" })), "no_such_room", type);
  }
  assertEquals(await codeOf(ann.ask({ type: "ban", room: "secret", user: "bob" })), "ok");
  assertEquals(await codeOf(ann.ask({ type: "add", room: "secret", user: "bob" })), "banned");
  await bob.quiet();
  await ann.ask({ type: "unban", room: "secret", user: "bob" });
  assertEquals(await codeOf(ann.ask({ type: "add", room: "secret", user: "bob" })), "ok");
  await bob.until("added");
  assertEquals(await codeOf(join(bob, "secret")), "room");
});

Deno.test("moderation: what an administrator changes of accounts is in the log, for admins alone", async () => {
  await using server = await startTestServer(LIMITS);
  const { mod } = await staff(server);
  const boss = await admin(server);
  const create = { type: "account", name: "carla", role: "member" };
  assertEquals(await codeOf(boss.ask(create)), "account");
  const change = { type: "account", name: "carla", role: "operator", state: "suspended" };
  assertEquals(await codeOf(boss.ask(change)), "account");
  const { entries } = await boss.ask({ type: "moderation", limit: 2 });
  assertEquals(
    entries.map(({ act, from, name, detail }: Frame) => [act, from, name, detail]),
    [["account", "admin", "carla", "operator, suspended"], ["account", "admin", "carla", "member"]],
  );
  const own = await mod.ask({ type: "moderation", room: "ops" });
  assertEquals(own.entries.map(({ act }: Frame) => act), ["standing"]);
});
