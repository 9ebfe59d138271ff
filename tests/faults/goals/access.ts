// G16: nobody reads a room or does there what they may not: a long random walk of members, owners, removed
// users and strangers through rooms of every kind, on one server and on two, on each store.

import { WALK_LIMITS, walkRooms } from "../../support/clients/room_walkers.ts";
import { MemoryNet } from "../../support/fakes/memory_net.ts";
import { Random } from "../../support/random.ts";
import { startTestServer } from "../../support/server.ts";
import { testDatabases, type TestStore } from "../../support/stores/databases.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

/** Of each walk. */
const STEPS: Readonly<Record<Size, number>> = { ci: 10_000, long: 250_000 };

export const access: Goal = {
  id: "G16",
  title: "access",
  asked:
    "10,000 random steps through rooms of every kind, on one server and on two, on each store: every " +
    "reply as the model of who may do what; texts that reached an outsider 0",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const findings = new Findings();
  const counts = { walks: 0, texts: 0, replies: 0, refusals: 0 };
  for (const store of testDatabases().filter(({ isMissing }) => !isMissing)) {
    for (const servers of [1, 2] as const) {
      context.progress(`${store.name}, servers: ${servers}`);
      const random = new Random(context.seed + servers);
      try {
        const { texts, replies, refusals } = await walkOn(store, {
          servers,
          steps: STEPS[size],
          random,
        });
        counts.walks++;
        counts.texts += texts;
        counts.replies += replies;
        counts.refusals += refusals;
      } catch (error) {
        findings.fault(`${store.name}, servers: ${servers}: ${error}`);
      }
    }
  }
  const { walks, replies, refusals, texts } = counts;
  return findings.verdict({
    reached: `${walks} walks: ${replies} replies, ${refusals} of them refusals, ${texts} texts`,
    counts,
  });
}

async function walkOn(
  store: TestStore,
  { servers, steps, random }: { servers: 1 | 2; steps: number; random: Random },
): ReturnType<typeof walkRooms> {
  await using database = await store.create();
  const net = new MemoryNet();
  const driver = await database.open();
  const options = { limits: WALK_LIMITS, driver };
  if (servers === 1) {
    await using server = await startTestServer(options);
    return await walkRooms([server], { steps, random });
  }
  await using one = await startTestServer({ ...options, bus: net.join() });
  await using other = await startTestServer({ ...options, bus: net.join(), beside: one });
  return await walkRooms([one, other], { steps, random });
}
