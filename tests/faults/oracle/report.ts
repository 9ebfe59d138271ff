// Formats a run of seeded bugs: a line for each, a table at the end, a file for programs.

import type { Control, Status, Verdict } from "./judging.ts";

export interface BugResult {
  readonly number: number;
  readonly title: string;
  /** The test that must detect it; for a later bug, the missing feature. */
  readonly test: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

export interface ControlResult {
  readonly test: string;
  readonly control: Control;
  /** The end of its output, when it failed. */
  readonly why?: string;
  readonly seconds: number;
}

export interface Run {
  readonly controls: readonly ControlResult[];
  readonly results: readonly BugResult[];
  readonly seconds: number;
}

const STATUSES: readonly Status[] = ["caught", "MISSED", "not proven", "later"];

/** Whether the suite has failed to detect these bugs. */
export function isFailed({ controls, results }: Run): boolean {
  return results.some(({ verdict }) => verdict.status === "MISSED") ||
    controls.some(({ control }) => control === "fail") ||
    results.length === 0;
}

export function formatControl({ test, control, why, seconds }: ControlResult): string {
  const more = why === undefined ? "" : `\n${why}`;
  return `without a bug: ${test}: ${control}, ${seconds.toFixed(0)} s${more}`;
}

export function formatResult({ number, title, verdict, seconds }: BugResult): string {
  const why = verdict.why === undefined ? "" : `: ${verdict.why}`;
  return `bug ${number}, ${title}: ${verdict.status}, ${seconds.toFixed(0)} s${why}`;
}

/** All bugs below each other, in the order of their numbers, and the sum. */
export function formatTable({ controls, results, seconds }: Run): string {
  const rows = results.toSorted((one, other) => one.number - other.number).map((result) => [
    String(result.number).padStart(2),
    result.title,
    result.verdict.status,
    `${result.seconds.toFixed(0)} s`,
    result.test,
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
  const sum = STATUSES.map((status) =>
    `${results.filter(({ verdict }) => verdict.status === status).length} ${status}`
  );
  const passed = controls.filter(({ control }) => control === "pass").length;
  const last = `${sum.join(", ")} · without a bug ${passed} of ${controls.length} tests pass`;
  return [...lines, `${last} · ${seconds.toFixed(0)} s`].join("\n");
}

export function formatJson({ controls, results, seconds }: Run): string {
  const bugs = results.map(({ verdict, ...result }) => ({ ...result, ...verdict }));
  return JSON.stringify({ seconds, controls, bugs }, undefined, 2) + "\n";
}
