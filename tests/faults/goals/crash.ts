// G3: killed at any moment, on both kinds of store; every acknowledged message is there, once, at
// its seq.

import { listCases } from "../crash/report.ts";
import { type CrashReport, runCrashes } from "../crash/run.ts";
import { type CrashStore, ownDatabaseStore, sqliteStore } from "../crash/stores.ts";
import { DatabaseServer } from "../support/database_server.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

interface Plan {
  readonly kills: number;
  readonly migrationKills: number;
}

const SQLITE: Readonly<Record<Size, Plan>> = {
  ci: { kills: 100, migrationKills: 6 },
  long: { kills: 1_000, migrationKills: 50 },
};
const MYSQL: Readonly<Record<Size, Plan>> = {
  ci: { kills: 30, migrationKills: 4 },
  long: { kills: 1_000, migrationKills: 50 },
};
const ACKED: Readonly<Record<Size, number>> = { ci: 50_000, long: 500_000 };
const READY_MS = 1_000;

export const crash: Goal = {
  id: "G3",
  title: "process crash",
  asked: "100 kills on SQLite and 30 on MariaDB (server, database or both), 50,000 acked; " +
    "0 lost, dup, moved, gap, altered, phantom; ready in 1 s",
  async run(size: Size, context: GoalContext): Promise<Verdict> {
    const findings = new Findings();
    const sqlite = await crashOn("sqlite", { context, plan: SQLITE[size], findings });
    if (DatabaseServer.isMissing) {
      const { status, reached, counts } = findings.verdict(summarize([sqlite]));
      const missing = `${reached}; nothing on MariaDB: none is installed`;
      return { status: status === "pass" ? "not proven" : status, reached: missing, counts };
    }
    const mysql = await crashOn("mysql", { context, plan: MYSQL[size], findings });
    findings.atLeast("acked", { is: sqlite.acked + mysql.acked, asked: ACKED[size] });
    return findings.verdict(summarize([sqlite, mysql]));
  },
};

async function crashOn(
  kind: "sqlite" | "mysql",
  { context, plan, findings }: { context: GoalContext; plan: Plan; findings: Findings },
): Promise<CrashReport> {
  const directory = `${context.directory}/${kind}`;
  Deno.mkdirSync(directory);
  await using database = kind === "mysql"
    ? await DatabaseServer.start(`${directory}/database`)
    : undefined;
  const store: CrashStore = database === undefined
    ? sqliteStore(directory)
    : ownDatabaseStore(database);
  const report = await runCrashes({
    ...plan,
    seed: context.seed,
    directory,
    store,
    onKill: (count) => context.progress(`${kind}: ${count} kills`),
  });
  findings.fault(...listCases(report.verdicts).map((cases) => `${kind}: ${cases}`));
  findings.inTime(`${kind}: ready`, { is: report.slowestStartMs, asked: READY_MS });
  return report;
}

function summarize(reports: readonly CrashReport[]): Pick<Verdict, "reached" | "counts"> {
  const sum = (count: (report: CrashReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const acked = sum((report) => report.acked);
  const slowestMs = Math.max(...reports.map(({ slowestStartMs }) => slowestStartMs));
  const kills = reports.map(({ kills, databaseKills }) =>
    databaseKills === 0 ? `${kills}` : `${kills} of the server, ${databaseKills} of the database`
  );
  return {
    reached: `kills: ${kills.join(" + ")}; ${acked} acked; ready in ${slowestMs.toFixed(0)} ms`,
    counts: {
      kills: sum((report) => report.kills),
      "kills in migrations": sum((report) => report.migrationKills),
      "kills in resumes": sum((report) => report.resumeKills),
      ...(reports.length < 2 ? {} : { "database kills": sum((report) => report.databaseKills) }),
      acked,
      "acked after a cut": sum((report) => report.dups),
      "rooms resumed": sum(({ resumed }) => resumed.whole + resumed.paged),
    },
  };
}
