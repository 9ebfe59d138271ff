// Formats a run, a line a figure, for people and for a failing test.

import type { CrashReport } from "./run.ts";
import { type Verdict, VERDICTS, type Verdicts } from "./verdicts.ts";

/** Cases of a verdict that are shown. */
const SHOWN = 5;

/** Whether no verdict has a case. */
export function isClean({ verdicts }: CrashReport): boolean {
  return Object.values(verdicts).every((cases) => cases.length === 0);
}

/** Each verdict that has cases, with their number and the first of them. */
export function listCases(verdicts: Verdicts): readonly string[] {
  return Object.entries(verdicts).filter(([, cases]) => cases.length > 0)
    .map(([verdict, cases]) => `${verdict} ${cases.length} (${cases[0]})`);
}

/** The work that was done, then each verdict with its count and its first cases. */
export function formatReport(report: CrashReport): string {
  const {
    kills,
    databaseKills,
    migrationKills,
    offered,
    acked,
    dups,
    resumed,
    slowestStartMs,
    verdicts,
  } = report;
  const lines = [
    `kills ${kills}, of the database ${databaseKills}, while tables were made ${migrationKills}`,
    `offered ${offered}, acknowledged ${acked}, of them ${dups} after a cut`,
    `resumed ${resumed.whole} whole and ${resumed.paged} by pages`,
    `slowest start ${slowestStartMs.toFixed(0)} ms`,
  ];
  for (const [verdict, meaning] of Object.entries(VERDICTS)) {
    const cases = verdicts[verdict as Verdict];
    lines.push(`${verdict.padEnd(14)} ${String(cases.length).padStart(5)}  ${meaning}`);
    for (const one of cases.slice(0, SHOWN)) lines.push(`    ${one}`);
  }
  return lines.join("\n") + "\n";
}
