// The figures that later ones are compared with: a file in the repository, written by `--save`. All
// figures of a file come from one machine and one Deno; figures of another machine replace them.

import { cpus } from "node:os";
import type { Figure } from "./sampling.ts";

export interface Machine {
  readonly deno: string;
  readonly cpu: string;
  readonly cores: number;
}

export interface Baseline {
  readonly machine: Machine;
  readonly figures: Readonly<Record<string, Figure>>;
}

const DECIMALS = 4;

export function thisMachine(): Machine {
  const cores = cpus();
  return { deno: Deno.version.deno, cpu: cores[0]?.model ?? "unknown", cores: cores.length };
}

/** Undefined when there is no such file. @throws {TypeError} when it is not a baseline */
export function readBaseline(file: URL): Baseline | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return parseBaseline(text);
}

/** @throws {TypeError} when the text is not a baseline */
export function parseBaseline(text: string): Baseline {
  const { machine, figures } = JSON.parse(text);
  const { deno, cpu, cores } = machine ?? {};
  if (typeof deno !== "string" || typeof cpu !== "string" || typeof cores !== "number") {
    throw new TypeError("The baseline does not name its machine");
  }
  for (const [name, figure] of Object.entries(figures ?? {})) {
    if (!isFigure(figure)) throw new TypeError(`The baseline has no figure for "${name}"`);
  }
  return { machine: { deno, cpu, cores }, figures: figures ?? {} };
}

function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null) return false;
  const { unit, us, yardsticks, spread, elapsedUs } = value as Record<string, unknown>;
  const numbers = [us, yardsticks, spread, elapsedUs];
  return typeof unit === "string" &&
    numbers.every((number) => typeof number === "number" && number >= 0) &&
    Number(yardsticks) > 0;
}

/** The new figures, with saved figures of the same machine that were not measured again. */
export function mergeBaseline(saved: Baseline | undefined, now: Baseline): Baseline {
  const isSame = saved !== undefined &&
    JSON.stringify(saved.machine) === JSON.stringify(now.machine);
  return isSame ? { ...now, figures: { ...saved.figures, ...now.figures } } : now;
}

/** The text of the file, with rounded figures, so that a diff shows only real changes. */
export function formatBaseline({ machine, figures }: Baseline): string {
  const rounded = Object.entries(figures)
    .toSorted(([one], [other]) => one < other ? -1 : 1)
    .map(([name, { unit, us, yardsticks, spread, elapsedUs }]) => [name, {
      unit,
      us: round(us),
      yardsticks: round(yardsticks),
      spread: round(spread),
      elapsedUs: round(elapsedUs),
    }]);
  return JSON.stringify({ machine, figures: Object.fromEntries(rounded) }, undefined, 2) + "\n";
}

function round(value: number): number {
  return Number(value.toPrecision(DECIMALS));
}
