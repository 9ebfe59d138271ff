// A random walk through rooms of every kind, on one server and on two, against a model of who may do what.

import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import { RoomWalk, type Walker } from "../support/clients/room_walk.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { Random } from "../support/random.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, UNHURRIED } from "../protocol/scene.ts";

const STEPS = 2_000;
const LIMITS = { ...UNHURRIED, rooms_joined: 1_000, rooms_owned: 1_000 };

async function walkerOn(server: TestServer, name: string): Promise<Walker> {
  const isGuest = name.startsWith("g");
  if (isGuest) return { name, isGuest, client: await greet(server, name) };
  const { users } = server.repository;
  const { id } = await users.ensureAccount({ name: userNameOf(name), role: "member", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return { name, isGuest, client: await comeBack(server, token) };
}

async function walk(servers: readonly TestServer[]): Promise<void> {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const names = ["ann", "bob", "kim", "guy", "gil"];
  const walkers = await Promise.all(
    names.map((name, at) => walkerOn(servers[at % servers.length] as TestServer, name)),
  );
  try {
    const walk = new RoomWalk(walkers, new Random(seed));
    await walk.walk(STEPS);
    for (const { client } of walkers) await client.ask({ type: "ping" });
    walk.checkReceived();
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
}

Deno.test("room walk: every reply and every delivery is the model's, on one server", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  await walk([server]);
});

Deno.test("room walk: every reply and every delivery is the model's, on two servers", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ limits: LIMITS, bus: net.join() });
  await using other = await startTestServer({ limits: LIMITS, bus: net.join(), beside: one });
  await walk([one, other]);
});
