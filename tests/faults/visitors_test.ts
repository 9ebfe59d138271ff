// Other programs read the server's SQLite file while it runs: messages acknowledged before and
// after survive a kill, because SQLite's locks are never released.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { backup, DatabaseSync } from "node:sqlite";
import { readSqlite } from "./crash/stored.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import type { Peer } from "../support/clients/peer.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { take, TAKINGS } from "./visitors/files_taken.ts";
import { findLocks, logIdentity } from "./visitors/locks.ts";
import { isVisitorMissing, StayingVisitor, visit, VISITS } from "./visitors/visitor.ts";

/** So many messages of 300 bytes, one after the other, and the log has been copied once. */
const MANY = 700;
const FEW = 50;
const LARGE = "x".repeat(16 * 1024);
/** Large ones that fill the log several times. */
const LARGE_ONES = 1_000;

function start(directory: string): Promise<ChildServer> {
  return ChildServer.start({ directory, args: ["--limit", "all=off"] });
}

let guests = 0;

/** As somebody new: the name of the one before is theirs. */
async function enter(server: ChildServer): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name: `guest${++guests}` };
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  assertEquals(welcome?.type, "welcome");
  return peer;
}

/** One after the other. @throws unless each is acknowledged */
async function say(peer: Peer, { texts, each }: {
  texts: readonly string[];
  each?: () => void;
}): Promise<void> {
  for (const [n, content] of texts.entries()) {
    // With a cid, as the client sends them: two pages of indexes more for each.
    const cid = crypto.randomUUID();
    const reply = await peer.ask({ type: "message", id: `${n}`, cid, room: "lobby", content });
    assertEquals(reply?.type, "ok", JSON.stringify(reply));
    each?.();
  }
}

Deno.test("visitors: SQLite's locks are held after every checkpoint", async () => {
  await using home = await temporaryDirectory();
  const path = `${home.path}/data/parley.db`;
  await using server = await start(home.path);
  using peer = await enter(server);
  const logs = new Set<string>();
  await say(peer, {
    texts: Array(LARGE_ONES).fill(LARGE),
    each: () => {
      logs.add(logIdentity(path));
      const locks = findLocks(server.pid, path);
      assertEquals(locks, { database: true, shm: true }, `in log ${logs.size}`);
    },
  });
  assert(logs.size >= 3, `the log has begun again only ${logs.size - 1} times`);
});

/** Calls `look` after this many messages, sends more, and then ends the server with SIGKILL. */
async function proveNothingLost(
  look: (path: string, sayMore: SayMore) => Promise<void>,
): Promise<void> {
  await using home = await temporaryDirectory();
  const path = `${home.path}/data/parley.db`;
  let posted = MANY;
  {
    await using server = await start(home.path);
    using peer = await enter(server);
    await say(peer, { texts: Array(MANY).fill("x".repeat(300)) });
    await look(path, async () => {
      posted += FEW;
      await say(peer, { texts: Array(FEW).fill("y".repeat(300)) });
    });
    await server.kill();
  }
  await using server = await start(home.path);
  using peer = await enter(server);
  const reply = await peer.ask({ type: "message", id: "last", room: "lobby", content: "z" });
  assertEquals(reply?.seq, posted + 1);
  await server.terminate();
  const { rows, damage } = readSqlite(path);
  assertEquals(damage, []);
  assertEquals(rows.map(({ seq }) => seq), Array.from({ length: posted + 1 }, (_, n) => n + 1));
}

type SayMore = () => Promise<void>;

const isMissing = isVisitorMissing();
const proven = isMissing ? " (not proven: sqlite3 is missing)" : "";

for (const how of VISITS) {
  Deno.test({
    name: `visitors: what is acknowledged after a ${how} outlives a kill${proven}`,
    ignore: isMissing,
    fn: () =>
      proveNothingLost(async (path, sayMore) => {
        await visit(path, how);
        await sayMore();
      }),
  });
}

Deno.test({
  name: `visitors: the same after readers that stay, leave and are killed${proven}`,
  ignore: isMissing,
  fn: () =>
    proveNothingLost(async (path, sayMore) => {
      await using first = await StayingVisitor.enter(path);
      await sayMore();
      {
        await using _second = await StayingVisitor.enter(path);
        await sayMore();
      }
      await first.leave();
      await sayMore();
      await visit(path, "select");
      await sayMore();
    }),
});

/** How many messages a server in this directory has, when one can be started: else how it ends. */
async function startAgain(directory: string): Promise<string | number> {
  await using server = ChildServer.spawn({ directory, args: ["--limit", "all=off"] });
  try {
    await server.ready();
  } catch (error) {
    return String(error);
  }
  using peer = await enter(server);
  const page = await peer.ask({ type: "history", id: "page", room: "lobby", limit: 100 });
  await server.terminate();
  return page?.events.length;
}

for (const name of Object.keys(TAKINGS)) {
  Deno.test(`visitors: ${name} under a running server is noticed, and nothing acknowledged after`, async () => {
    await using home = await temporaryDirectory();
    const { faults } = await take(home.path, name);
    assertEquals(faults, []);
    const outcome = await startAgain(home.path);
    const isLeftAlone = name === "database deleted" || name === "database overwritten";
    if (isLeftAlone) assertMatch(String(outcome), /\(78\).*parley.db-wal/);
    // With a database in place, what was acknowledged is in it, although its log has lost its name.
    else assertEquals(outcome, 20);
  });
}

Deno.test("visitors: a backup beside the log of what it replaces is refused, and taken without it", async () => {
  await using home = await temporaryDirectory();
  const path = `${home.path}/data/parley.db`;
  {
    await using server = await start(home.path);
    using peer = await enter(server);
    await say(peer, { texts: Array(10).fill("x") });
    {
      using database = new DatabaseSync(path);
      await backup(database, `${path}.backup`);
    }
    await say(peer, { texts: Array(10).fill("y") });
    await server.kill();
  }
  Deno.renameSync(`${path}.backup`, path);
  const outcome = await startAgain(home.path);
  assertMatch(String(outcome), /\(78\): parley-server: Cannot use database .*move "parley.db-wal"/);
  for (const suffix of ["-wal", "-shm"]) Deno.removeSync(path + suffix);
  assertEquals(await startAgain(home.path), 10);
});
