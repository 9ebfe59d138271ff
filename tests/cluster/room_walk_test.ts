// A random walk through rooms of every kind, on one server and on two, against a model of who may do what.

import { assert } from "@std/assert";
import { WALK_LIMITS, walkRooms } from "../support/clients/room_walkers.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { Random } from "../support/random.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const STEPS = 2_000;

async function walk(servers: readonly TestServer[]): Promise<void> {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  try {
    const counts = await walkRooms(servers, { steps: STEPS, random: new Random(seed) });
    assert(Object.values(counts).every((count) => count > STEPS / 20), JSON.stringify(counts));
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
}

Deno.test("room walk: every reply and every delivery is the model's, on one server", async () => {
  await using server = await startTestServer({ limits: WALK_LIMITS });
  await walk([server]);
});

Deno.test("room walk: every reply and every delivery is the model's, on two servers", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ limits: WALK_LIMITS, bus: net.join() });
  await using other = await startTestServer({ limits: WALK_LIMITS, bus: net.join(), beside: one });
  await walk([one, other]);
});
