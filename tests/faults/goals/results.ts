// Formats the results of a run of goals: a line for each, a table at the end, a file for programs.

import type { Goal, Size, Verdict } from "./goal.ts";

export interface Result {
  readonly goal: Pick<Goal, "id" | "title" | "asked">;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** The machine's load average when it began. */
  readonly load: number;
  /** Which part of the machine others used meanwhile, from 0 to 1. */
  readonly others: number;
  /** What the first try had come to, of a goal that was tried again. */
  readonly firstTry?: string;
}

/** Less than this of the machine, used by others, explains nothing. */
const SHOWN_SHARE = 0.1;

export interface Run {
  readonly size: Size;
  readonly seed: number;
  readonly seconds: number;
  readonly results: readonly Result[];
}

/** A success in which the server was not exercised is a failure. */
export function demandExercise(verdict: Verdict): Verdict {
  if (verdict.status !== "pass") return verdict;
  const counts = Object.entries(verdict.counts);
  const idle = counts.filter(([, count]) => !(count > 0)).map(([name]) => name);
  if (counts.length > 0 && idle.length === 0) return verdict;
  const none = idle.length === 0 ? "nothing was counted" : `no ${idle.join(", no ")}`;
  return {
    status: "fail",
    reached: `${verdict.reached}; MISSED: the server was not exercised: ${none}`,
    counts: verdict.counts,
  };
}

export function isFailed({ verdict }: Result): boolean {
  return verdict.status === "fail";
}

/** One goal on one line. */
export function formatResult(result: Result): string {
  const { goal, verdict, seconds, load, others, firstTry } = result;
  const again = firstTry === undefined
    ? ""
    : `; second try at load ${load.toFixed(1)}, the first came to: ${firstTry}`;
  const busy = others < SHOWN_SHARE
    ? ""
    : `; others used ${(others * 100).toFixed(0)} % of the machine`;
  return `${goal.id} ${goal.title}: ${verdict.reached} (asked: ${goal.asked}): ` +
    `${verdict.status}, ${seconds.toFixed(0)} s${busy}${again}`;
}

/** All goals below each other, and the sum. */
export function formatTable({ size, seed, seconds, results }: Run): string {
  const rows = results.map(({ goal, verdict, seconds, firstTry }) => [
    goal.id,
    goal.title,
    verdict.status + (firstTry === undefined ? "" : " (second try)"),
    `${seconds.toFixed(0)} s`,
    Object.entries(verdict.counts).map(([name, count]) => `${count} ${name}`).join(", "),
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
  const count = (status: string) =>
    results.filter(({ verdict }) => verdict.status === status).length;
  const sum = ["pass", "fail", "not proven", "later"].map((status) => `${count(status)} ${status}`);
  return [...lines, `${sum.join(", ")} · size ${size}, seed ${seed}, ${seconds.toFixed(0)} s`]
    .join("\n");
}

export function formatJson({ results, ...run }: Run): string {
  const goals = results.map(({ goal, verdict, ...rest }) => {
    const { id, title, asked } = goal;
    return { id, title, asked, ...verdict, ...rest };
  });
  return JSON.stringify({ ...run, goals }, undefined, 2) + "\n";
}
