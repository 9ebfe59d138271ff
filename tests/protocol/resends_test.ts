// Protocol 5.3: what is stored is acknowledged to its sender again, whatever has become of the sender since.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { testEachStore } from "../support/stores/databases.ts";
import { comeBack, enter, greet, join, operator, tokenOf, UNHURRIED } from "./scene.ts";

const LIMITS = { limits: UNHURRIED };

const message = (content: string, more: object = {}) => ({
  type: "message",
  room: "ops",
  content,
  ...more,
});

/** A request, and what it was answered. */
type Sent = readonly [request: object, reply: Frame];

/** The owner of a room, and a member who has sent in it all that a member may. */
async function sendAll(
  server: TestServer,
): Promise<{ ann: RawClient; bob: RawClient; sent: readonly Sent[] }> {
  const ann = await enter(server, "ann", "ops");
  const bob = await enter(server, "bob", "ops");
  const sent: Sent[] = [];
  const requests = [
    message("one", { cid: "c1" }),
    message("two", { cid: "c2", to: 1 }),
    { type: "edit", room: "ops", seq: 1, content: "one, edited", cid: "c3" },
    { type: "delete", room: "ops", seq: 2 },
    { type: "topic", room: "ops", topic: "mine", cid: "c5" },
  ];
  await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "moderator" });
  for (const request of requests) {
    const reply = await bob.ask(request);
    assertEquals(reply.type, "ok", JSON.stringify(reply));
    sent.push([request, reply]);
  }
  await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "member" });
  return { ann, bob, sent };
}

async function checkAcknowledged(bob: RawClient, sent: readonly Sent[]): Promise<void> {
  for (const [request, { re: _re, ...before }] of sent) {
    const { re: _again, ...again } = await bob.ask(request);
    assertEquals(again, { ...before, dup: true } as Frame, JSON.stringify(request));
  }
}

const DECIDED: Readonly<Record<string, object>> = {
  muted: { type: "standing", room: "ops", user: "bob", standing: "muted" },
  not_in_room: { type: "kick", room: "ops", user: "bob" },
  banned: { type: "ban", room: "ops", user: "bob" },
};

for (const [code, act] of Object.entries(DECIDED)) {
  testEachStore(
    `protocol 5.3: what is stored is acknowledged again to a user who is ${code} since, and nothing else`,
    async (database) => {
      await using server = await startTestServer({ ...LIMITS, driver: await database.open() });
      const { ann, bob, sent } = await sendAll(server);
      assertEquals((await ann.ask(act)).type, "ok");
      await checkAcknowledged(bob, sent);
      const { last } = (await ann.ask({ type: "rooms", joined: true })).rooms[0];
      for (
        const request of [
          message("three", { cid: "c9" }),
          message("one"),
          message("two", { cid: "c2" }),
          { type: "edit", room: "ops", seq: 1, content: "again", cid: "c8" },
          { type: "edit", room: "ops", seq: 1, content: "one, edited" },
          { type: "delete", room: "ops", seq: 1 },
          { type: "delete", room: "ops", seq: 99 },
        ]
      ) assertEquals((await bob.ask(request)).code, code, JSON.stringify(request));
      assertEquals((await ann.ask({ type: "rooms", joined: true })).rooms[0].last, last);
    },
  );
}

testEachStore(
  "protocol 5.3: a guest who may send nothing any more is acknowledged what is stored, at the desk too",
  async (database) => {
    await using server = await startTestServer({ ...LIMITS, driver: await database.open() });
    const boss = await comeBack(server, server.adminToken);
    const ann = await greet(server, "ann");
    const requests = [
      { type: "inquiry", content: "Is db3 down?", cid: "q1" },
      { type: "message", room: "?1", content: "Since an hour", cid: "q2" },
      { type: "edit", room: "?1", seq: 2, content: "Since two hours", cid: "q3" },
      { type: "delete", room: "?1", seq: 2 },
    ];
    const seqs: number[] = [];
    for (const request of requests) seqs.push((await ann.ask(request)).seq);
    assertEquals(seqs, [1, 2, 3, 4]);
    await boss.ask({ type: "panic", on: true });
    for (const [at, request] of requests.entries()) {
      const { type, seq, dup } = await ann.ask(request);
      assertEquals([type, seq, dup], ["ok", seqs[at], true], JSON.stringify(request));
    }
    for (
      const request of [
        { type: "inquiry", content: "Is db4 down?", cid: "q9" },
        { type: "message", room: "?1", content: "Since an hour" },
        { type: "message", room: "?1", content: "And now?", cid: "q8" },
        { type: "edit", room: "?1", seq: 1, content: "Is it?", cid: "q7" },
        { type: "delete", room: "?1", seq: 1 },
      ]
    ) assertEquals((await ann.ask(request)).code, "muted", JSON.stringify(request));
  },
);

testEachStore(
  "protocol 5.3: of a room that is hidden from them by now a sender gets the answer for a missing one",
  async (database) => {
    await using server = await startTestServer({ ...LIMITS, driver: await database.open() });
    const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
    await join(ann, "secret", { create: true, private: true });
    await ann.ask({ type: "add", room: "secret", user: "bob" });
    await bob.until("added");
    const sent = (room: string) => [
      { type: "message", id: 1, room, content: "one", cid: "c1" },
      { type: "edit", id: 1, room, seq: 1, content: "two", cid: "c2" },
      { type: "delete", id: 1, room, seq: 1 },
      { type: "topic", id: 1, room, topic: "x", cid: "c3" },
    ];
    for (const request of sent("secret").slice(0, 3)) {
      assertEquals((await bob.ask(request)).type, "ok");
    }
    await ann.ask({ type: "kick", room: "secret", user: "bob" });
    await bob.until("left");
    const missing = sent("secres");
    for (const [at, request] of sent("secret").entries()) {
      const hidden = await bob.ask(request);
      const { message, ...rest } = await bob.ask(missing[at] ?? {});
      assertEquals(hidden, { ...rest, message: message.replace("secres", "secret") } as Frame);
    }
  },
);

testEachStore(
  "protocol 5.5: who deleted a message as a moderator is acknowledged that as a member",
  async (database) => {
    await using server = await startTestServer({ ...LIMITS, driver: await database.open() });
    const [ann, bob] = [await enter(server, "ann", "ops"), await enter(server, "bob", "ops")];
    const eve = await enter(server, "eve", "ops");
    await ann.ask(message("one"));
    const standing = { type: "standing", room: "ops", user: "bob" };
    await ann.ask({ ...standing, standing: "moderator" });
    const remove = { type: "delete", room: "ops", seq: 1 };
    const { seq } = await bob.ask(remove);
    await ann.ask({ ...standing, standing: "member" });
    const again = await bob.ask(remove);
    assertEquals([again.type, again.seq, again.dup], ["ok", seq, true]);
    assertEquals((await eve.ask(remove)).code, "forbidden");
  },
);

Deno.test("protocol 5.3: a program is acknowledged its answer where it may answer no more", async () => {
  const limits = { ...UNHURRIED, bot_messages_burst: 1_000, bot_messages_per_s: 1_000 };
  await using server = await startTestServer({ limits });
  const admin = await comeBack(server, server.adminToken);
  const bots: RawClient[] = [];
  for (
    const [user, scopes] of [["ask-bot", ["ask", "send"]], ["say-bot", ["desk", "answer"]]] as const
  ) {
    await admin.ask({ type: "account", name: user, bot: true });
    const { token } = await admin.ask({ type: "token", label: "t", scopes, user });
    bots.push(await comeBack(server, token));
  }
  const [asker, answerer] = bots as [RawClient, RawClient];
  await asker.ask({ type: "inquiry", content: "Is db3 down?", cid: "q1" });
  const respond = { type: "respond", inquiry: 1, content: "No", cid: "r1" };
  const { seq } = await answerer.ask(respond);
  assertEquals(seq, 2);
  await asker.ask({ type: "message", room: "?1", content: "And now?", to: seq });
  const again = await answerer.ask(respond);
  assertEquals([again.type, again.seq, again.dup], ["ok", seq, true]);
  for (const more of [{ cid: "r2" }, { cid: undefined }, { content: "Yes" }]) {
    assertEquals((await answerer.ask({ ...respond, ...more })).code, "rate_limited");
  }
});

Deno.test("protocol 5.3: a decision and an answer are acknowledged again once nothing waits", async () => {
  await using server = await startTestServer(LIMITS);
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ann.ask({ type: "inquiry", content: "May I?", choices: ["yes", "no"] });
  await ann.ask({ type: "inquiry", content: "Which one?" });
  const requests = [
    { type: "decide", inquiry: 1, choice: "yes", cid: "d1" },
    { type: "respond", inquiry: 2, content: "db3", cid: "d2" },
    { type: "note", inquiry: 2, content: "she means db4", cid: "d3" },
  ];
  const seqs: number[] = [];
  for (const request of requests) seqs.push((await bob.ask(request)).seq);
  await bob.ask({ type: "resolve", inquiry: 2 });
  for (const [at, request] of requests.entries()) {
    const { type, seq, dup } = await bob.ask(request);
    assertEquals([type, seq, dup], ["ok", seqs[at], true], JSON.stringify(request));
  }
});

Deno.test("protocol 5.3: only what is refused is looked up, and only by its cid", async () => {
  await using server = await startTestServer(LIMITS);
  const [ann, bob] = [await enter(server, "ann", "ops"), await enter(server, "bob", "ops")];
  const { messages, rooms } = server.repository;
  const [append, findFor] = [messages.append.bind(messages), rooms.findFor.bind(rooms)];
  const asked: string[] = [];
  Object.assign(messages, {
    append: (drafts: Parameters<typeof append>[0]) => {
      asked.push(...drafts.map(({ resendOnly }) => resendOnly ? "look up" : "store"));
      return append(drafts);
    },
  });
  Object.assign(rooms, {
    findFor: (...query: Parameters<typeof findFor>) => {
      asked.push("find room");
      return findFor(...query);
    },
  });
  const costs = async (request: object) => {
    asked.length = 0;
    await bob.ask(request);
    return asked.join();
  };
  assertEquals(await costs(message("one")), "store");
  assertEquals(await costs(message("two", { cid: "c1" })), "store");
  assertEquals(await costs(message("two", { cid: "c1" })), "store");
  await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "muted" });
  assertEquals(await costs(message("one")), "");
  assertEquals(await costs(message("two", { cid: "c1" })), "look up");
  assertEquals(await costs(message("two", { cid: "c1", room: "nowhere" })), "find room");
});

Deno.test("protocol 5.3: what is too long by now is acknowledged if it is stored, in rooms that its sender sees", async () => {
  const directory = await Deno.makeTempDir({ prefix: "parley-" });
  await using _folder = {
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
  const long = "long ".repeat(20);
  const bob = { role: "operator", name: "bob" } as const;
  const ask = { type: "inquiry", content: long, cid: "i1", choices: ["yes", "no"] };
  const requests: readonly Frame[] = [
    { type: "message", room: "ops", content: long, cid: "m1" },
    { type: "edit", room: "ops", seq: 1, content: `${long}!`, cid: "m2" },
    { type: "topic", room: "ops", topic: long, cid: "m3" },
    { type: "message", room: "@admin", content: long, cid: "m4" },
    { type: "decide", inquiry: 1, choice: "yes", content: long, cid: "d1" },
    { type: "respond", inquiry: 2, content: long, cid: "d2" },
    { type: "note", inquiry: 2, content: long, cid: "d3" },
    { type: "draft", inquiry: 2, content: long, cid: "d4" },
  ];
  const seqs: number[] = [];
  let token = "";
  let guestToken = "";
  {
    await using server = await startTestServer({ ...LIMITS, directory });
    const ann = await server.connect();
    guestToken = (await ann.hello("ann")).token;
    assertEquals((await ann.ask(ask)).seq, 1);
    await ann.ask({ type: "inquiry", content: "Which one?" });
    token = await tokenOf(server, bob);
    const client = await comeBack(server, token);
    await join(client, "ops", { create: true });
    for (const request of requests) {
      const reply = await client.ask(request);
      assertEquals(reply.type, "ok", JSON.stringify([request, reply]));
      seqs.push(reply.seq);
    }
  }
  const limits = { ...UNHURRIED, content: 20, topic: 20 };
  await using server = await startTestServer({ limits, directory });
  const client = await comeBack(server, token);
  for (const [at, request] of requests.entries()) {
    const { type, seq, dup } = await client.ask(request);
    assertEquals([type, seq, dup], ["ok", seqs[at], true], JSON.stringify(request));
    for (const other of [{ cid: "other" }, { cid: undefined }, { room: "none", inquiry: 99 }]) {
      assertEquals((await client.ask({ ...request, ...other })).code, "too_long");
    }
  }
  const ann = await comeBack(server, guestToken);
  const { seq, dup } = await ann.ask(ask);
  assertEquals([seq, dup], [1, true]);
  assertEquals((await ann.ask({ ...ask, cid: "i2" })).code, "too_long");
  // Nothing is begun by what is only looked for, and replies keep their order.
  await tokenOf(server, { name: "kim" });
  const begun = await server.repository.rooms.directsAbove(undefined);
  assertEquals((await client.ask({ ...requests[3], room: "@kim" })).code, "too_long");
  assertEquals(await server.repository.rooms.directsAbove(undefined), begun);
  const short = { type: "message", id: 2, room: "ops", content: "short" };
  await client.send({ ...requests[0], id: 1 }, short);
  assertEquals([(await client.until("ok")).re, (await client.until("ok")).re], [1, 2]);
});

Deno.test("protocol 5.3: while the store does not answer it is unknown whether a resend is refused", async () => {
  await using server = await startTestServer(LIMITS);
  const [ann, bob] = [await enter(server, "ann", "ops"), await enter(server, "bob", "ops")];
  const request = message("one", { cid: "c1" });
  await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "muted" });
  const { messages } = server.repository;
  const append = messages.append.bind(messages);
  Object.assign(messages, { append: () => Promise.resolve([{ refused: "unavailable" }]) });
  const { code, retry } = await bob.ask(request);
  assertEquals([code, retry], ["unavailable", true]);
  Object.assign(messages, { append });
  assertEquals((await bob.ask(request)).code, "muted");
});

testEachStore(
  "protocol 5.3: an answer that was a draft is acknowledged again when the draft is deleted",
  async (database) => {
    await using server = await startTestServer({ ...LIMITS, driver: await database.open() });
    const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
    await ann.ask({ type: "inquiry", content: "Which one?" });
    for (const content of ["db3", "db4"]) {
      assertEquals((await bob.ask({ type: "draft", inquiry: 1, content })).type, "ok");
    }
    const sent = { type: "respond", inquiry: 1, draft: 1, cid: "r1" };
    const { seq } = await bob.ask(sent);
    assertEquals(seq, 2);
    for (const gone of [1, 2]) {
      assertEquals((await bob.ask({ type: "delete", room: "?1!", seq: gone })).type, "ok");
    }
    const again = await bob.ask(sent);
    assertEquals([again.type, again.seq, again.dup], ["ok", seq, true]);
    for (const more of [{ cid: "r2" }, { cid: undefined }, { draft: 2 }, { content: "db5" }]) {
      const { code, field } = await bob.ask({ ...sent, ...more });
      assertEquals([code, field], ["bad_field", "draft"], JSON.stringify(more));
    }
  },
);

Deno.test("protocol 5.3: a token that is not good for sending is refused, whatever is stored", async () => {
  await using server = await startTestServer(LIMITS);
  const bob = await comeBack(server, await tokenOf(server, { name: "bob" }));
  assertEquals((await join(bob, "ops", { create: true })).type, "room");
  assertEquals((await bob.ask(message("one", { cid: "c1" }))).type, "ok");
  const created = await bob.ask({ type: "token", label: "ci", scopes: ["read", "send:lobby"] });
  const reader = await comeBack(server, created.token);
  const { type, code } = await reader.ask(message("one", { cid: "c1" }));
  assertEquals([type, code], ["error", "forbidden"]);
});
