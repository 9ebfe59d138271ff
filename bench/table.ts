// Formats the results as a table for people: the cost now, the cost of the baseline, the ratio.

import type { Machine } from "./baseline.ts";
import { compare } from "./comparison.ts";
import type { Figure } from "./sampling.ts";
import type { Unmeasured } from "./workload.ts";

export type Measured = { readonly name: string; readonly figure: Figure };
export type Result = Measured | Unmeasured;

const COLUMNS = ["", "CPU now", "baseline", "ratio", "elapsed", ""];
const NO_BASELINE = "no baseline";

export function formatMachine({ deno, cpu, cores }: Machine): string {
  return `Deno ${deno}, ${cpu}, ${cores} cores`;
}

/** Ends with a newline. */
export function formatTable(
  results: readonly Result[],
  saved: Readonly<Record<string, Figure>>,
): string {
  return alignColumns([
    COLUMNS,
    ...results.map((result) => rowOf(result, saved[result.name])),
  ]);
}

/** The first column and the notes in the last to the left, the others to the right; a row may end early. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.map((_, column) => column) ?? [];
  // A reason for a missing figure may extend over the next columns.
  const whole = rows.filter((row) => row.length === columns.length);
  const widths = columns.map((column) =>
    Math.max(...(column === 0 ? rows : whole).map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0
        ? cell.padEnd(widths[0] ?? 0)
        : cell.padStart(column === columns.length - 1 ? 0 : widths[column] ?? 0)
    ).join("  ").trimEnd() + "\n"
  ).join("");
}

function rowOf(result: Result, saved: Figure | undefined): readonly string[] {
  if ("missing" in result) return [result.name, `not measured: ${result.missing}`];
  const { name, figure } = result;
  const cost = `${formatUs(figure.us)}/${figure.unit}`;
  const elapsed = formatUs(figure.elapsedUs);
  if (saved === undefined) return [name, cost, "", "", elapsed, NO_BASELINE];
  const { ratio, note } = compare(figure, saved);
  return [name, cost, formatUs(saved.us), ratio.toFixed(2), elapsed, note];
}

/** The results as JSON for programs. */
export function formatJson(
  results: readonly Result[],
  { machine, saved }: { machine: Machine; saved: Readonly<Record<string, Figure>> },
): string {
  const rows = results.map((result) => {
    const before = saved[result.name];
    if ("missing" in result || before === undefined) return result;
    return { ...result, baseline: before, ...compare(result.figure, before) };
  });
  return JSON.stringify({ machine, results: rows }, undefined, 2) + "\n";
}

/** 12 ns, 3.4 us, 5.6 ms: only three digits are significant. */
export function formatUs(us: number): string {
  const [value, unit] = us < 0.9995 ? [us * 1e3, "ns"] : us < 999.5 ? [us, "us"] : [us / 1e3, "ms"];
  return `${value >= 99.95 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}
