// G11: two servers on one MySQL deliver the same log, also when one of them is killed; and of two
// servers on one SQLite file the second does not start.

import { createMysqlDatabase, isMysqlMissing } from "../../support/stores/mysql.ts";
import { Crowd } from "../crash/crowd.ts";
import { RotatingSource } from "../crash/connection_sources.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { ServerPair } from "../crash/server_pair.ts";
import { listCases } from "../crash/report.ts";
import { mysqlStore } from "../crash/stores.ts";
import { findBugLines, findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const MESSAGES: Readonly<Record<Size, number>> = { ci: 20_000, long: 1_000_000 };
const KILLS = 5;
const ROOMS = ["lobby", "ops", "dev"];
/** For each of the two servers. */
const WRITERS = 4;
const READERS = 2;
/** So many more come in at the other server after every cut, and know more than it may have told. */
const ROAMING = 2;
/** How long a killed server stays away, at most, in milliseconds. */
const AWAY_MS = 300;
/** A longer average time for an acknowledgement counts as a standstill. */
const MESSAGE_MS = 10;
/** What a server may have open towards its database: its pool, and the writer's own. */
const DATABASE_CONNECTIONS = 9;
/** Tries to start a second server on one file. */
const REFUSALS = 3;
const IN_USE = 75;

/** The longest delay from one server to the other. */
const RECEIVED_MS = 2_000;

export const twoServers: Goal = {
  id: "G11",
  title: "two servers",
  asked: "20000 messages crossing, one killed 5 times: every reader sees 1..N in order, lost 0, " +
    "dup 0; a second server on one SQLite file exits with 75 and names the first",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  if (isMysqlMissing()) {
    return { status: "not proven", reached: "no MySQL or MariaDB here", counts: {} };
  }
  const findings = new Findings();
  const counts = {
    ...await cross(size, { context, findings }),
    ...await refuseSecond(`${context.directory}/file`, findings),
  };
  return findings.verdict({
    reached: `${counts.acknowledged} messages, ${counts.kills} kills, ` +
      `${counts.refused_starts} second servers refused`,
    counts,
  });
}

interface Stage {
  readonly context: GoalContext;
  readonly findings: Findings;
}

/** The counts of the work done. */
type Counts<Name extends string> = Readonly<Record<Name, number>>;

async function cross(
  size: Size,
  { context, findings }: Stage,
): Promise<Counts<"acknowledged" | "kills" | "resumed_whole">> {
  const { seed, directory, progress } = context;
  await using database = await createMysqlDatabase();
  const store = mysqlStore(database);
  // One directory, so one admin's token; nothing else is kept there.
  const options = {
    directory,
    env: { PARLEY_DATABASE: store.url },
    args: ["--limit", "all=off"],
    database: store.database,
  };
  await using pair = new ServerPair(options);
  const first = await pair.start();
  const descriptors = countDescriptors(first.pid) + DATABASE_CONNECTIONS;
  await createRooms(first, ROOMS);
  const { servers: sources } = pair;
  await using crowd = new Crowd({
    directory,
    rooms: ROOMS,
    writers: sources.flatMap((source) => new Array(WRITERS).fill(source)),
    readers: [
      ...sources.flatMap((source) => new Array(READERS).fill(source)),
      ...Array.from({ length: ROAMING }, () => new RotatingSource(sources)),
    ],
  });
  const random = new Random(seed);
  const wanted = MESSAGES[size];
  for (let part = 1; part <= KILLS + 1; part++) {
    await until(() => crowd.acked >= wanted * part / (KILLS + 1), {
      withinMs: wanted * MESSAGE_MS,
      otherwise: "Too little was acknowledged",
    });
    progress(`${crowd.acked} acknowledged`);
    if (part > KILLS) break;
    await pair.kill(random.pick([0, 1] as const), { awayMs: random.integer(0, AWAY_MS) });
  }
  await crowd.settle();
  // Pages show what a server has delivered; without a bus it polls the other's messages within this
  // time.
  await pause(RECEIVED_MS);
  const pages = await readPages(pair.current[0], ROOMS);
  await crowd.drain(pages);
  // First, because other failures may follow from it.
  findings.fault(...listCases(crowd.judge({ stored: await store.read(), pages })));
  for (const server of pair.current) {
    findings.fault(...await findLeftovers(server, { descriptors }));
    findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  }
  for (const killed of pair.killed) findings.fault(...findBugLines(killed));
  return {
    acknowledged: crowd.acked,
    kills: pair.killed.length,
    resumed_whole: crowd.resumed.whole,
  };
}

/** The second server names the first in its error, and the first is not affected. */
async function refuseSecond(
  directory: string,
  findings: Findings,
): Promise<Counts<"refused_starts">> {
  Deno.mkdirSync(directory);
  let refused = 0;
  await using holder = await ChildServer.start({ directory });
  for (let time = 0; time < REFUSALS; time++) {
    await using second = ChildServer.spawn({ directory });
    const { code } = await second.ended;
    // Its log has been read when it is disposed of.
    await second.kill();
    findings.exactly("exit of a second server", { is: code, asked: IN_USE });
    const says = second.log.join("\n");
    if (says.includes(`process ${holder.pid}:`)) refused++;
    else findings.fault(`a second server says: ${says}`);
  }
  const { internal_errors: faults } = await holder.stats();
  findings.exactly("faults inside the first server", { is: faults, asked: 0 });
  await holder.kill();
  // The kernel has ended the lock with its holder.
  await using next = await ChildServer.start({ directory });
  findings.exactly("exit of the next server", { is: (await next.terminate()).code, asked: 0 });
  return { refused_starts: refused };
}
