// Protocol 4.1, 4.7: private rooms, which exist for their members alone.

import { assert, assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { greet, guest, join, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };
const CANARY = "canary-4711";

/** ann's room "secret", with a message and a member bob. */
async function withSecret(
  server: Awaited<ReturnType<typeof startTestServer>>,
): Promise<{ ann: RawClient; bob: RawClient }> {
  const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
  await join(ann, "secret", { create: true, private: true });
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  await bob.until("added");
  await join(bob, "secret");
  await ann.ask({ type: "message", room: "secret", content: `${CANARY} for @bob` });
  return { ann, bob };
}

Deno.test("protocol 4.1: a private room is there for its members, and has its kind everywhere", async () => {
  await using server = await startTestServer(ROOMY);
  const { ann, bob } = await withSecret(server);
  assertEquals((await bob.until("message")).content, `${CANARY} for @bob`);
  assertEquals((await join(ann, "secret")).kind, "private");
  const kinds = async (client: RawClient, more: object) =>
    (await client.ask({ type: "rooms", ...more })).rooms
      .map(({ room, kind }: Frame) => [room, kind]);
  assertEquals(await kinds(bob, {}), [["lobby", "public"], ["secret", "private"]]);
  assertEquals(await kinds(bob, { limit: 1, after: "lobby" }), [["secret", "private"]]);
  assertEquals(await kinds(bob, { joined: true }), [["secret", "private"]]);
  assertEquals(await kinds(await greet(server, "eve"), {}), [["lobby", "public"]]);
});

Deno.test("protocol 4.1: a private room is created by those who may create rooms, and counts as one", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, rooms_owned: 1 },
  });
  const ann = await greet(server, "ann");
  await join(ann, "secret", { create: true, private: true });
  for (const room of ["other", "lobby-2"]) {
    assertEquals((await join(ann, room, { create: true })).code, "forbidden");
  }
});

Deno.test("protocol 4.1: what was to be private is never public", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await greet(server, "ann");
  await join(await greet(server, "bob"), "open", { create: true });
  for (const create of [true, false]) {
    const refused = await join(ann, "open", { create, private: true });
    assertEquals([refused.code, refused.field], ["name_taken", "room"]);
  }
  assertEquals((await join(ann, "none", { private: true })).code, "no_such_room");
});

Deno.test("protocol 4.1: only who could create the room learns that its name is taken", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, rooms_owned: 1 } });
  await withSecret(server);
  const eve = await greet(server, "eve");
  const refused = await join(eve, "secret", { create: true });
  const reserved = await join(eve, "system", { create: true });
  const { re: _one, message, ...same } = refused;
  const { re: _other, message: expected, ...rest } = reserved;
  assertEquals([message.replace("secret", "system"), same], [expected, rest]);
  await join(eve, "eves", { create: true });
  const [hidden, missing] = [
    await join(eve, "secret", { create: true }),
    await join(eve, "missing", { create: true }),
  ];
  assertEquals(hidden.message, missing.message);
  assertEquals([hidden.code, missing.code], ["forbidden", "forbidden"]);
});

Deno.test("protocol 4.1: an outsider receives the same bytes whether a private room is busy or silent", async () => {
  const received: string[] = [];
  for (const isBusy of [true, false]) {
    await using server = await startTestServer(ROOMY);
    const eve = await server.connect();
    await eve.ask({ type: "hello", id: 1, version: 1, auth: guest("eve") });
    await eve.ask({ type: "join", id: 2, room: "lobby" });
    if (isBusy) {
      const { ann, bob } = await withSecret(server);
      for (const content of ["one @eve", "two"]) {
        await ann.ask({ type: "message", room: "secret", content });
      }
      await ann.ask({ type: "read", room: "secret", seq: 2 });
      await bob.ask({ type: "leave", room: "secret" });
    } else {
      for (const name of ["ann", "bob"]) await greet(server, name);
    }
    for (
      const request of [
        { type: "join", room: "secret" },
        { type: "leave", room: "secret" },
        { type: "members", room: "secret" },
        { type: "history", room: "secret" },
        { type: "history", room: "SECRET", around: 1 },
        { type: "read", room: "secret", seq: 1 },
        { type: "resume", rooms: [{ room: "Secret", seq: 0 }, { room: "lobby", seq: 0 }] },
        { type: "message", room: "secret", content: "x" },
        { type: "add", room: "secret", user: "ann" },
        { type: "add", room: "secret", user: "eve" },
        { type: "rooms" },
        { type: "rooms", joined: true },
        { type: "rooms", after: "secre" },
      ]
    ) await eve.ask({ id: "same", ...request });
    const bytes = eve.raw.replace(/"(time|epoch|token)":("[^"]*"|\d+)/g, "");
    assert(!eve.raw.includes(CANARY));
    received.push(bytes);
  }
  assertEquals(received[0], received[1]);
});

Deno.test("protocol 4.7: a member adds a user, whose connections all hear it, and may join then", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await greet(server, "ann");
  await join(ann, "secret", { create: true, private: true });
  const bob = await server.connect();
  const { token, you } = await bob.hello("bob");
  const second = await server.connect();
  await second.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  assertEquals((await join(bob, "secret")).code, "no_such_room");
  assertEquals((await ann.ask({ type: "add", room: "Secret", user: "Bob" })).room, "secret");
  const { time } = await ann.until("joined");
  for (const client of [bob, second]) {
    assertEquals(await client.until("added"), { type: "added", room: "secret", from: "ann", time });
  }
  await ann.ask({ type: "message", room: "secret", content: "one" });
  await bob.quiet();
  assertEquals((await join(bob, "secret")).count, 2);
  await ann.ask({ type: "message", room: "secret", content: "two" });
  assertEquals((await bob.until("message")).content, "two");
  assertEquals((await ann.ask({ type: "add", room: "secret", user: "bob" })).type, "ok");
  await bob.quiet();
  const { members } = await ann.ask({ type: "members", room: "secret" });
  assertEquals(members.map(({ user }: Frame) => user).includes(you.user), true);
});

Deno.test("protocol 4.7: who is added is a user, has few enough rooms, and is added by one who may", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, rooms_joined: 2 } });
  const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
  await join(ann, "secret", { create: true, private: true });
  await join(bob, "one", { create: true });
  await join(bob, "two", { create: true });
  const add = (client: RawClient, room: string, user: string) =>
    client.ask({ type: "add", room, user });
  const refusals = [
    await add(ann, "secret", "nobody"),
    await add(ann, "secret", "bob"),
    await add(ann, "one", "ann"),
  ].map(({ code, field }) => [code, field]);
  assertEquals(refusals, [["no_such_user", "user"], ["forbidden", "user"], ["forbidden", "room"]]);
  await bob.ask({ type: "leave", room: "two" });
  assertEquals((await add(ann, "secret", "bob")).type, "ok");
  assertEquals((await add(bob, "secret", "nobody")).code, "no_such_user");
});

Deno.test("protocol 4.3: who leaves a private room gets nothing more of it, and cannot come back alone", async () => {
  await using server = await startTestServer(ROOMY);
  const { ann, bob } = await withSecret(server);
  await bob.until("message");
  await bob.ask({ type: "leave", room: "secret" });
  await ann.ask({ type: "message", room: "secret", content: "gone?" });
  await bob.quiet();
  assertEquals((await join(bob, "secret")).code, "no_such_room");
  const { rooms: [resumed] } = await bob.ask({
    type: "resume",
    rooms: [{ room: "secret", seq: 0 }],
  });
  assertEquals(resumed, { room: "secret", error: "no_such_room" });
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  assertEquals((await join(bob, "secret")).type, "room");
});

Deno.test("protocol 4.1: a private room that a guest created and nobody uses vanishes", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, unused_room_ms: 20 },
    pace: 100,
  });
  const ann = await greet(server, "ann");
  await join(ann, "secret", { create: true, private: true });
  await ann.ask({ type: "leave", room: "secret" });
  const eve = await greet(server, "eve");
  for (;;) {
    const reply = await join(eve, "secret", { create: true });
    if (reply.type === "room") break;
    assertEquals(reply.code, "name_taken");
  }
});

/** Has `meanwhile` happen once, between what a method of the store has found and its answer. */
function interrupt<T extends object>(
  store: T,
  method: keyof T & string,
  meanwhile: () => Promise<unknown>,
): void {
  const target = store as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const original = target[method]?.bind(store);
  let isDue = true;
  target[method] = async (...args) => {
    const found = await original?.(...args);
    if (isDue) {
      isDue = false;
      await meanwhile();
    }
    return found;
  };
}

Deno.test("protocol 4.7: who leaves while being added does not stay by that", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
  await join(ann, "secret", { create: true, private: true });
  interrupt(server.repository.members, "add", async () => {
    assertEquals((await bob.ask({ type: "leave", room: "secret" })).type, "ok");
  });
  await ann.ask({ type: "add", room: "secret", user: "bob" });
  for (const type of ["history", "members", "join"]) {
    assertEquals((await bob.ask({ type, room: "secret" })).code, "no_such_room");
  }
});

Deno.test("protocol 4.3: who leaves while another of their requests is on the way is not in by that", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await greet(server, "ann");
  await join(ann, "secret", { create: true, private: true });
  const bob = await server.connect();
  const { token, you } = await bob.hello("bob");
  const second = await server.connect();
  await second.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  // As another server adds them: nothing of it is known here.
  const { members, rooms } = server.repository;
  const secret = await rooms.find("secret");
  assert(secret !== undefined);
  await members.add({ room: secret.id, user: you.user, read: 0, now: 0 });
  interrupt(rooms, "findFor", async () => {
    assertEquals((await second.ask({ type: "leave", room: "secret" })).type, "ok");
  });
  assertEquals((await bob.ask({ type: "history", room: "secret" })).code, "no_such_room");
  assertEquals((await bob.ask({ type: "history", room: "secret" })).code, "no_such_room");
});
