// G4: an acknowledged message is on the disk. On SQLite the order of system calls proves it; of a
// MySQL that is configured to do less the server warns at its start.

import { mayTrace, traceSends } from "../durability/run.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { DatabaseServer } from "../support/database_server.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const SENDS: Readonly<Record<Size, number>> = { ci: 100, long: 2_000 };
const LARGE_SENDS: Readonly<Record<Size, number>> = { ci: 1_200, long: 12_000 };
/** What they come to at least. */
const RESTARTS: Readonly<Record<Size, number>> = { ci: 2, long: 20 };
const SETTING = "innodb_flush_log_at_trx_commit";

export const durability: Goal = {
  id: "G4",
  title: "durability",
  asked: "100 serial sends and 1,200 of 16 KiB on SQLite: 0 acked dirty, 0 without a sync of " +
    "their own; the log restarted twice, 0 times before its copy was on the disk, 0 copied dirty; " +
    "the server warns of a MariaDB that does not sync",
  async run(size: Size, { directory }: GoalContext): Promise<Verdict> {
    if (!mayTrace()) {
      return { status: "not proven", reached: "no strace, or it may not trace", counts: {} };
    }
    const findings = new Findings();
    const home = `${directory}/sqlite`;
    Deno.mkdirSync(home);
    const { acks, copy, faults } = await traceSends({
      directory: home,
      sends: SENDS[size],
      largeSends: LARGE_SENDS[size],
    });
    findings.fault(...faults);
    const dirty = acks.filter(({ isDirty }) => isDirty).length;
    const bare = acks.filter(({ syncs }) => syncs < 1).length;
    findings.exactly("acked dirty", { is: dirty, asked: 0 });
    findings.exactly("acked without a sync", { is: bare, asked: 0 });
    findings.atLeast("log restarts", { is: copy.restarts, asked: RESTARTS[size] });
    findings.exactly("restarts before the copy was synced", {
      is: copy.unsyncedRestarts,
      asked: 0,
    });
    findings.exactly("copied before the log was synced", { is: copy.dirtyCopies, asked: 0 });
    const warned = DatabaseServer.isMissing ? undefined : await countWarnings(directory);
    if (warned !== undefined) {
      findings.exactly("warnings of a MariaDB that syncs", { is: warned.strict, asked: 0 });
      findings.exactly("warnings of one that does not", { is: warned.lax, asked: 1 });
    }
    return findings.verdict({
      reached: `${acks.length} acks, ${dirty} dirty, ${bare} without a sync; ` +
        `log restarted ${copy.restarts} times, ${copy.unsyncedRestarts} too early; ` +
        (warned === undefined ? "no MariaDB to warn of" : `${warned.lax} warning`),
      counts: {
        acks: acks.length,
        syncs: acks.reduce((sum, { syncs }) => sum + syncs, 0),
        restarts: copy.restarts,
      },
    });
  },
};

/**
 * The warnings of a server about a database that syncs every commit, and about one that does not.
 */
async function countWarnings(directory: string): Promise<{ strict: number; lax: number }> {
  await using database = await DatabaseServer.start(`${directory}/database`);
  const strict = await countWarningsOf(database, directory);
  await database.run(`SET GLOBAL ${SETTING} = 2`);
  return { strict, lax: await countWarningsOf(database, directory) };
}

async function countWarningsOf(database: DatabaseServer, directory: string): Promise<number> {
  await using server = await ChildServer.start({
    directory,
    env: { PARLEY_DATABASE: database.url },
    database: database.address,
  });
  return server.log.filter((line) => line.includes('"warn"') && line.includes(SETTING)).length;
}
