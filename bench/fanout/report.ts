// Formats the results of the scenarios as a table for people or as JSON, with their errors.

import { compare } from "../comparison.ts";
import type { Figure } from "../sampling.ts";
import { alignColumns, formatUs } from "../table.ts";
import type { Unmeasured } from "../workload.ts";
import type { Trial } from "./trial.ts";

/** The result of a scenario; `figure` is the trial's. */
export interface MeasuredTrial {
  readonly name: string;
  readonly figure: Figure;
  readonly trial: Trial;
}

export type TrialResult = MeasuredTrial | Unmeasured;

/** From this share of a core on, a single-threaded process is saturated. */
const WHOLE_CORE = 0.9;

const COLUMNS = [
  "",
  "CPU/delivery",
  "baseline",
  "ratio",
  "deliveries/s",
  "p50 ms",
  "p99 ms",
  "server",
  "generator",
  "",
];

/** Whether a message was lost, delivered twice or late: then the speed is meaningless. */
export function isWrong({ errors: { lost, twice, late } }: Trial): boolean {
  return lost + twice + late > 0;
}

/** Whether the generator was the limit, not the server. */
export function isGeneratorLimit({ generatorShare }: Trial): boolean {
  return generatorShare >= WHOLE_CORE;
}

/** Ends with a newline. */
export function formatTrials(
  results: readonly TrialResult[],
  saved: Readonly<Record<string, Figure>>,
): string {
  return alignColumns([COLUMNS, ...results.map((result) => rowOf(result, saved[result.name]))]);
}

function rowOf(result: TrialResult, saved: Figure | undefined): readonly string[] {
  if ("missing" in result) return [result.name, `not measured: ${result.missing}`];
  const { name, trial } = result;
  const { figure, perSecond, p50Ms, p99Ms, serverShare, generatorShare } = trial;
  const comparison = saved && compare(figure, saved);
  return [
    name,
    formatUs(figure.us),
    saved === undefined ? "" : formatUs(saved.us),
    comparison?.ratio.toFixed(2) ?? "",
    perSecond.toFixed(0),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    `${(serverShare * 100).toFixed(0)} %`,
    `${(generatorShare * 100).toFixed(0)} %`,
    notesOf(trial, comparison?.note ?? "no baseline").join("; "),
  ];
}

function notesOf(trial: Trial, note: string): readonly string[] {
  const { lost, twice, late } = trial.errors;
  return [
    ...(isWrong(trial) ? [`WRONG: ${lost} lost, ${twice} twice, ${late} late`] : []),
    ...(note === "" ? [] : [note]),
    ...(isGeneratorLimit(trial) ? ["the generator is the limit"] : []),
  ];
}

export function formatTrialsJson(
  results: readonly TrialResult[],
  saved: Readonly<Record<string, Figure>>,
): string {
  const rows = results.map((result) => {
    if ("missing" in result) return result;
    const before = saved[result.name];
    const judgement = {
      isWrong: isWrong(result.trial),
      isGeneratorLimit: isGeneratorLimit(result.trial),
    };
    if (before === undefined) return { ...result, ...judgement };
    return { ...result, ...judgement, baseline: before, ...compare(result.trial.figure, before) };
  });
  return JSON.stringify({ results: rows }, undefined, 2) + "\n";
}
