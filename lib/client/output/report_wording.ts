// A report of the desk as a table for people. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import type { DeskFigures, DeskReport } from "../../wire/summaries.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { formatTable } from "../../terminal/table.ts";
import { formatWait } from "./durations.ts";

/** The lines of the table: headings, a row for all, and one for each queue that was named. */
export function formatReport(report: ServerFrame<"report">): readonly string[] {
  const { queues } = report;
  const rows = [rowOf(report, "all"), ...queues.map((one) => rowOf(one, one.queue))];
  const headings = Object.keys(rowOf(report, "")) as (keyof ReturnType<typeof rowOf>)[];
  const shown = queues.length === 0 ? headings.slice(1) : headings;
  return formatTable(shown, rows).trimEnd().split("\n");
}

// deno-lint-ignore explicit-function-return-type
function rowOf(figures: DeskFigures, queue: string) {
  const { asked, answered, decided, expired, withdrawn, resolved, waiting } = figures;
  return {
    queue,
    asked: `${asked}`,
    answered: `${answered}`,
    decided: `${decided}`,
    expired: `${expired}`,
    withdrawn: `${withdrawn}`,
    resolved: `${resolved}`,
    waiting: `${waiting}`,
    median: formatQuantile(figures.median_ms, figures),
    p90: formatQuantile(figures.p90_ms, figures),
  };
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
function formatQuantile(ms: number | undefined, { longest_ms: longestMs }: DeskFigures): string {
  if (ms !== undefined) return formatWait(ms);
  return longestMs === undefined ? "" : `>${formatWait(longestMs)}`;
}
