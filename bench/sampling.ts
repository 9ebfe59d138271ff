// Runs a workload often enough to be sure of what it costs: several samples, the median of them, the
// yardstick beside each. Knows nothing of what is run.

import { ownCpuUs } from "./cpu_time.ts";
import { runYardstick } from "./yardstick.ts";
import type { Workload } from "./workload.ts";

/** What a unit of something costs. */
export interface Figure {
  readonly unit: string;
  /** Microseconds of CPU a unit, the median of the samples; other processes' included. */
  readonly us: number;
  /** The same in yardsticks, each sample by those laid on beside it: this is what is compared. */
  readonly yardsticks: number;
  /** Of the yardsticks: half the distance between the quartiles, as a share of the median. */
  readonly spread: number;
  /** Microseconds of the clock a unit; says nothing on a busy machine. */
  readonly elapsedUs: number;
}

export interface Clocks {
  /** What this process has spent. */
  cpuUs(): number;
  elapsedUs(): number;
}

export interface SamplingOptions {
  readonly samples: number;
  /** A sample is not shorter than this: its runs are chosen so. */
  readonly sampleUs: number;
  readonly clocks?: Clocks;
  /** What the yardstick is, unless the usual one. */
  readonly yardstick?: () => void;
}

export const SYSTEM_CLOCKS: Clocks = {
  cpuUs: ownCpuUs,
  elapsedUs: () => performance.now() * 1_000,
};

/** How often the yardstick is run before it is laid on. */
const WARM = 3;

interface Spent {
  readonly us: number;
  readonly elapsedUs: number;
}

/** What a unit of the workload costs. @throws what the workload throws */
export async function measure(workload: Workload, options: SamplingOptions): Promise<Figure> {
  const { samples, sampleUs, clocks = SYSTEM_CLOCKS, yardstick: yardstick = runYardstick } =
    options;
  const runs = await findRuns(workload, { clocks, sampleUs });
  const units = runs * workload.units;
  const taken: Sample[] = [];
  // The first ones find it cold.
  for (let warm = 0; warm < WARM; warm++) yardstick();
  let before = measureYardstick(clocks, yardstick);
  for (let sample = 0; sample < samples; sample++) {
    const { us, elapsedUs } = await sampleOnce(workload, { clocks, runs });
    const after = measureYardstick(clocks, yardstick);
    taken.push({
      us: us / units,
      elapsedUs: elapsedUs / units,
      yardstickUs: (before + after) / 2,
    });
    before = after;
  }
  return figureOf(workload.unit, taken);
}

/** What a unit cost in one sample, and the yardstick beside it. */
export interface Sample extends Spent {
  readonly yardstickUs: number;
}

export function figureOf(unit: string, samples: readonly Sample[]): Figure {
  const yardsticks = samples.map(({ us, yardstickUs }) => us / yardstickUs);
  return {
    unit,
    us: median(samples.map(({ us }) => us)),
    yardsticks: median(yardsticks),
    spread: spreadOf(yardsticks),
    elapsedUs: median(samples.map(({ elapsedUs }) => elapsedUs)),
  };
}

/** What the yardstick costs at this moment, in microseconds of CPU. */
export function measureYardstick(
  clocks: Clocks = SYSTEM_CLOCKS,
  yardstick: () => void = runYardstick,
): number {
  const before = clocks.cpuUs();
  yardstick();
  return clocks.cpuUs() - before;
}

/** So many runs that a sample is long enough; on the way there everything gets warm. */
async function findRuns(
  workload: Workload,
  { clocks, sampleUs }: { clocks: Clocks; sampleUs: number },
): Promise<number> {
  for (let runs = 1;; runs *= 2) {
    const { us, elapsedUs } = await sampleOnce(workload, { clocks, runs });
    // What mostly waits is not run until it has spent that much.
    if (Math.max(us, elapsedUs / 4) >= sampleUs) return runs;
  }
}

async function sampleOnce(
  workload: Workload,
  { clocks, runs }: { clocks: Clocks; runs: number },
): Promise<Spent> {
  const elsewhereUs = workload.otherProcessesUs?.bind(workload) ?? (() => 0);
  const before = { us: clocks.cpuUs() + elsewhereUs(), elapsedUs: clocks.elapsedUs() };
  for (let run = 0; run < runs; run++) {
    const running = workload.run();
    if (running !== undefined) await running;
  }
  return {
    us: clocks.cpuUs() + elsewhereUs() - before.us,
    elapsedUs: clocks.elapsedUs() - before.elapsedUs,
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Half the distance between the quartiles, as a share of the median; 0 of a single value. */
export function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  if (middle === 0) return 0;
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / middle;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
