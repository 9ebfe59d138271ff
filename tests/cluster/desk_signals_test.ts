// Notes, drafts and answering programs between two servers of one store: the operators of both are sent them once,
// by a notice at once, without a bus by the look at the store, and the asker is sent nothing.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { type TestDatabase, testEachStore } from "../support/stores/databases.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, JumpingClock, operator, UNHURRIED } from "../protocol/scene.ts";

const LIMITS = {
  ...UNHURRIED,
  inquiries_burst: 1_000,
  inquiries_open_guest: 1_000,
  bot_messages_burst: 1_000,
  bot_messages_per_s: 1_000,
};
/** So slow that no server looks at the store by itself while a test runs. */
const NEVER = 1 / 10_000;

interface TwoServers extends AsyncDisposable {
  readonly one: TestServer;
  readonly other: TestServer;
  /** The other one looks at the store, where no bus has notified it. */
  look(): Promise<void>;
}

/** Of MySQL each with its own way to the store, of SQLite with one. */
async function startTwo(
  database: TestDatabase,
  { hasBus }: { hasBus: boolean },
): Promise<TwoServers> {
  const net = new MemoryNet();
  const common = () => ({
    limits: LIMITS,
    clock: new JumpingClock(),
    pace: NEVER,
    sharesStore: true,
    ...(hasBus ? { bus: net.join() } : {}),
  });
  const isShared = database.url.startsWith("sqlite:");
  const one = await startTestServer({ ...common(), driver: await database.open() });
  const other = await startTestServer({
    ...common(),
    ...(isShared ? { beside: one } : { driver: await database.open(), directory: one.directory }),
  });
  return {
    one,
    other,
    look: async () => {
      if (!hasBus) await other.server.hub.poll("all");
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

async function followDesk(client: RawClient): Promise<void> {
  await client.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
}

/** Nothing more of this type arrives, however often the server looks at the store. */
async function assertCount(
  client: RawClient,
  { type, n, server }: { type: string; n: number; server: TestServer },
): Promise<void> {
  for (let time = 0; time < 2; time++) await server.server.hub.poll("all");
  await client.ask({ type: "ping" });
  assertEquals(client.raw.split(`{"type":"${type}",`).length - 1, n, client.raw);
}

for (const hasBus of [true, false]) {
  const how = hasBus ? "by a notice" : "without a bus";

  testEachStore(
    `two servers: a note and a draft are sent to the operators of both, once, ${how}`,
    async (database) => {
      await using servers = await startTwo(database, { hasBus });
      const { one, other } = servers;
      const [bob, kim] = [await operator(one, "bob"), await operator(other, "kim")];
      // An operator, too: who asks is sent no note, on no server.
      const olga = await operator(other, "olga");
      await olga.ask({ type: "inquiry", content: "May I?" });
      for (const client of [bob, kim, olga]) await followDesk(client);
      await bob.ask({ type: "note", inquiry: 1, content: "She asks every week", cid: "n1" });
      await bob.ask({ type: "note", inquiry: 1, content: "She asks every week", cid: "n1" });
      await bob.ask({ type: "draft", inquiry: 1, content: "Yes" });
      const expected = [["message", "?1!", 1, "bob"], ["draft", "?1!", 2, "bob"]];
      const shown = (events: readonly Frame[]) =>
        events.map(({ kind, room, seq, from }) => [kind, room, seq, from]);
      assertEquals(shown(await bob.received("note", 2)), expected);
      await servers.look();
      assertEquals(shown(await kim.received("note", 2)), expected);
      for (const [client, server] of [[bob, one], [kim, other]] as const) {
        await assertCount(client, { type: "note", n: 2, server });
      }
      await assertCount(olga, { type: "note", n: 0, server: other });
    },
  );

  testEachStore(
    `two servers: programs that answer each other are sent to the operators of both, once, ${how}`,
    async (database) => {
      await using servers = await startTwo(database, { hasBus });
      const { one, other } = servers;
      const admin = await comeBack(one, one.adminToken);
      const kim = await operator(other, "kim");
      for (const client of [admin, kim]) await followDesk(client);
      await admin.ask({ type: "account", name: "ping", bot: true });
      const scopes = ["read", "send"];
      const { token } = await admin.ask({ type: "token", label: "t", scopes, user: "ping" });
      const [here, there] = [await comeBack(one, token), await comeBack(other, token)];
      let to: number | undefined;
      for (let depth = 0; depth < 3; depth++) {
        const { seq } = await here.ask({ type: "message", room: "lobby", content: "x", to });
        to = seq;
      }
      const again = async (client: RawClient) => {
        const refused = await client.ask({ type: "message", room: "lobby", content: "x", to });
        assertEquals(refused.code, "rate_limited");
      };
      await again(here);
      const fields = ({ room, from, bot }: Frame = {}) => [room, from, bot];
      assertEquals(fields((await admin.received("bot_loop", 1))[0]), ["lobby", "ping", true]);
      await servers.look();
      assertEquals(fields((await kim.received("bot_loop", 1))[0]), ["lobby", "ping", true]);
      // The other server knows of it, too.
      await again(there);
      await assertCount(admin, { type: "bot_loop", n: 1, server: one });
      await assertCount(kim, { type: "bot_loop", n: 1, server: other });
    },
  );
}
