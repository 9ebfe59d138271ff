// Other programs read the SQLite file of a running server: at random moments while it is killed (as
// in G3) and while its system calls are traced (as in G4), with a check of its locks.

import { listCases } from "../crash/report.ts";
import { runCrashes } from "../crash/run.ts";
import { sqliteStore } from "../crash/stores.ts";
import { mayTrace, traceSends } from "../durability/run.ts";
import type { GoalContext, Size } from "../goals/goal.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { Random } from "../../support/random.ts";
import { findLocks, logIdentity } from "./locks.ts";
import type { Part, Reached } from "./part.ts";
import { RandomVisits } from "./random_visits.ts";
import { isVisitorMissing } from "./visitor.ts";

const KILLS: Readonly<Record<Size, number>> = { ci: 24, long: 500 };
const SENDS: Readonly<Record<Size, number>> = { ci: 700, long: 20_000 };
const LARGE = "x".repeat(16 * 1024);
/** How often the log is to be begun again while the locks are looked at. */
const LOGS: Readonly<Record<Size, number>> = { ci: 3, long: 50 };
const MOST_SENDS = 2_000;

export const looksIntoFile: Part = {
  asked:
    "sqlite3 (select, .backup, VACUUM INTO, checkpoints, readers that stay and are killed) at " +
    "random moments of 24 kills and of 700 traced sends: 0 lost, dup, moved, 0 acked dirty; " +
    "SQLite's locks held in 3 logs, after every message",
  missing: () =>
    isVisitorMissing() ? "sqlite3 is missing" : mayTrace() ? undefined : "strace is missing",
  async run(size, context): Promise<Reached> {
    const { directory, seed, findings } = context;
    const homes = ["kills", "trace", "locks"].map((name) => `${directory}/${name}`);
    for (const home of homes) Deno.mkdirSync(home);
    const [kills = "", trace = "", locks = ""] = homes;
    const random = new Random(seed);
    const crashed = await beVisited(kills, random, () =>
      runCrashes({
        kills: KILLS[size],
        seed,
        directory: kills,
        store: sqliteStore(kills),
        onKill: (count) => context.progress(`visited: ${count} kills`),
      }));
    findings.fault(...listCases(crashed.result.verdicts), ...crashed.visits.damage);
    const traced = await beVisited(
      trace,
      random,
      () => traceSends({ directory: trace, sends: 0, largeSends: SENDS[size] }),
    );
    const { acks, copy, faults } = traced.result;
    findings.fault(...faults, ...traced.visits.damage);
    const dirty = acks.filter(({ isDirty }) => isDirty).length;
    findings.exactly("acked dirty", { is: dirty, asked: 0 });
    findings.exactly("copied before the log was synced", { is: copy.dirtyCopies, asked: 0 });
    const { logs, lost } = await watchLocks({ ...context, directory: locks }, LOGS[size]);
    findings.exactly("messages after which a lock was missing", { is: lost, asked: 0 });
    findings.atLeast("logs", { is: logs, asked: LOGS[size] });
    const visits = crashed.visits.visits + traced.visits.visits;
    const killed = crashed.visits.killed + traced.visits.killed;
    return {
      reached: `${visits} visits, ${killed} killed, in ${crashed.result.kills} kills with ` +
        `${crashed.result.acked} acked and ${acks.length} traced sends; locks in ${logs} logs`,
      counts: { visits, "visitors killed": killed, kills: crashed.result.kills, logs },
    };
  },
};

/** Runs `work` on a database that is there already, with visitors until it is done. */
async function beVisited<T>(
  directory: string,
  random: Random,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly visits: RandomVisits }> {
  {
    await using server = await ChildServer.start({ directory });
    await server.terminate();
  }
  const visits = new RandomVisits(`${directory}/data/parley.db`, random.fork());
  try {
    return { result: await work(), visits };
  } finally {
    await visits.end();
  }
}

/** Sends until the log has begun again so often. @returns also after how many the locks were not there */
async function watchLocks(
  { directory }: Pick<GoalContext, "directory">,
  asked: number,
): Promise<{ readonly logs: number; readonly lost: number }> {
  const path = `${directory}/data/parley.db`;
  await using server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
  using peer = await server.connect();
  const auth = { method: "guest", name: "ada" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const logs = new Set<string>();
  let lost = 0;
  for (let n = 0; n < MOST_SENDS && logs.size < asked; n++) {
    await peer.ask({ type: "message", id: `${n}`, room: "lobby", content: LARGE });
    logs.add(logIdentity(path));
    const { database, shm } = findLocks(server.pid, path);
    if (!database || !shm) lost++;
  }
  return { logs: logs.size, lost };
}
