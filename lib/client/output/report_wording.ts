// A report of the desk as a table for people. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import type { DeskReport } from "../../wire/summaries.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { formatTable } from "../../terminal/table.ts";
import { formatWait } from "./wording.ts";

/** The lines of the table: headings, and one row. */
export function formatReport(report: ServerFrame<"report">): readonly string[] {
  const { asked, answered, decided, expired, withdrawn, resolved, waiting } = report;
  const row = {
    asked: `${asked}`,
    answered: `${answered}`,
    decided: `${decided}`,
    expired: `${expired}`,
    withdrawn: `${withdrawn}`,
    resolved: `${resolved}`,
    waiting: `${waiting}`,
    median: formatQuantile(report.median_ms, report),
    p90: formatQuantile(report.p90_ms, report),
  };
  const headings = Object.keys(row) as (keyof typeof row)[];
  return formatTable(headings, [row]).trimEnd().split("\n");
}

/** What the table is about. */
export function describeReport({ since, until, more }: DeskReport): readonly string[] {
  const format = (time: number) => `${formatDay(time)} ${formatClock(time)}`;
  const counted = more ? ": only the newest are counted, more were asked before" : "";
  return [
    `Asked from ${format(since)} to ${format(until)}${counted}`,
    "MEDIAN and P90 are waits for the first answer; without an answer one counts as still waiting",
  ];
}

/** One that is not reached is longer than the longest wait. */
function formatQuantile(ms: number | undefined, { longest_ms: longestMs }: DeskReport): string {
  if (ms !== undefined) return formatWait(ms);
  return longestMs === undefined ? "" : `>${formatWait(longestMs)}`;
}
