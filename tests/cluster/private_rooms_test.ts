// Private rooms and direct conversations where two servers share a store, of each kind, and a notice may be
// lost.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { openMigrated, type TestDatabase, testEachStore } from "../support/stores/databases.ts";
import { eventually } from "../support/waiting.ts";
import { account, comeBack, greet, join, UNHURRIED } from "../protocol/scene.ts";

interface Pair extends AsyncDisposable {
  readonly net: MemoryNet;
  readonly one: TestServer;
  readonly other: TestServer;
}

async function startPair(database: TestDatabase, pace: number): Promise<Pair> {
  const net = new MemoryNet();
  const driver = await openMigrated(database);
  const one = await startTestServer({ bus: net.join(), driver, pace, limits: UNHURRIED });
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

function write(client: RawClient, name: string, content: string): Promise<Frame> {
  return client.ask({ type: "message", room: `@${name}`, content });
}

async function contents(client: RawClient, count: number): Promise<readonly unknown[]> {
  return (await client.received("message", count)).map((
    { room, seq, content },
  ) => [room, seq, content]);
}

for (const loses of [false, true]) {
  const how = loses ? "by the store's poll" : "by a notice";
  testEachStore(
    `two servers: a direct conversation that begins on one is heard on the other from its first seq, ${how}`,
    async (database) => {
      await using pair = await startPair(database, loses ? 50 : 0.01);
      const bobs = [await account(pair.other, "bob"), await account(pair.one, "bob")];
      const [ann, eve] = [await account(pair.one, "ann"), await account(pair.other, "eve")];
      // The first poll notes which rooms there are.
      if (loses) await pair.other.server.hub.poll("all");
      pair.net.loses = () => loses;
      for (const content of ["1", "2", "3"]) await write(ann, "bob", content);
      for (const bob of bobs) {
        assertEquals(await contents(bob, 3), [["@ann", 1, "1"], ["@ann", 2, "2"], [
          "@ann",
          3,
          "3",
        ]]);
      }
      await write(bobs[0] as RawClient, "ann", "4");
      assertEquals((await contents(ann, 4)).at(-1), ["@bob", 4, "4"]);
      await eve.quiet();
    },
  );
}

testEachStore(
  "two servers: two who write to each other at once have one conversation",
  async (database) => {
    await using pair = await startPair(database, 0.01);
    const [ann, bob] = [await account(pair.one, "ann"), await account(pair.other, "bob")];
    const replies = await Promise.all([write(ann, "bob", "a"), write(bob, "ann", "b")]);
    assertEquals(replies.map(({ seq }) => seq).toSorted(), [1, 2]);
    const events = [await contents(ann, 2), await contents(bob, 2)];
    assertEquals(events.map((list) => list.map((event) => (event as unknown[])[1])), [
      [1, 2],
      [1, 2],
    ]);
    assertEquals((await ann.ask({ type: "rooms", joined: true })).rooms.length, 1);
  },
);

testEachStore(
  "two servers: who is added on one hears it on the other, joins there, and is there",
  async (database) => {
    await using pair = await startPair(database, 0.01);
    const [ann, bob] = [await greet(pair.one, "ann"), await greet(pair.other, "bob")];
    await join(ann, "secret", { create: true, private: true });
    assertEquals((await join(bob, "secret")).code, "no_such_room");
    await ann.ask({ type: "add", room: "secret", user: "bob" });
    const { room, from } = await bob.until("added");
    assertEquals([room, from], ["secret", "ann"]);
    assertEquals((await join(bob, "secret")).type, "room");
    await ann.ask({ type: "message", room: "secret", content: "hi" });
    assertEquals(await contents(bob, 1), [["secret", 1, "hi"]]);
  },
);

for (const loses of [false, true]) {
  const how = loses ? "after the next poll" : "at once";
  testEachStore(
    `two servers: who leaves a private room on one gets nothing of it on the other, ${how}`,
    async (database) => {
      await using pair = await startPair(database, 0.01);
      const ann = await greet(pair.one, "ann");
      await join(ann, "secret", { create: true, private: true });
      const bob = await pair.one.connect();
      const { token } = await bob.hello("bob");
      const second = await comeBack(pair.other, token);
      const kim = await greet(pair.other, "kim");
      for (const user of ["bob", "kim"]) await ann.ask({ type: "add", room: "secret", user });
      for (const client of [bob, second, kim]) await join(client, "secret");
      pair.net.loses = ({ type }) => loses && type === "membership";
      await bob.ask({ type: "leave", room: "secret" });
      if (loses) await pair.other.server.hub.poll("all");
      else await second.until("left");
      await ann.ask({ type: "message", room: "secret", content: "canary" });
      assertEquals(await contents(kim, 1), [["secret", 1, "canary"]]);
      assertEquals((await second.ask({ type: "history", room: "secret" })).code, "no_such_room");
      await eventually(() => second.raw.includes("canary"), (leaks) => !leaks);
      await second.quiet();
      assertEquals(second.raw.includes("canary"), false);
    },
  );
}
