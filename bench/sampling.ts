// Runs a workload often enough for a reliable cost: the median of several samples, with a yardstick
// beside each. Knows no workload.

import { ownCpuUs } from "./cpu_time.ts";
import { runYardstick } from "./yardstick.ts";
import type { Workload } from "./workload.ts";

/** The cost of a unit. */
export interface Figure {
  readonly unit: string;
  /** Microseconds of CPU a unit, the median of the samples, including other processes. */
  readonly us: number;
  /** The same in yardsticks measured beside each sample: this is what is compared. */
  readonly yardsticks: number;
  /** Of `yardsticks`: half the distance between the quartiles, as a share of the median. */
  readonly spread: number;
  /** Wall-clock microseconds a unit; not meaningful on a busy machine. */
  readonly elapsedUs: number;
}

export interface Clocks {
  /** CPU time of this process. */
  cpuUs(): number;
  elapsedUs(): number;
}

export interface SamplingOptions {
  readonly samples: number;
  /** The least length of a sample: determines the number of runs. */
  readonly sampleUs: number;
  readonly clocks?: Clocks;
  /** Another yardstick than the usual one. */
  readonly yardstick?: () => void;
}

export const SYSTEM_CLOCKS: Clocks = {
  cpuUs: ownCpuUs,
  elapsedUs: () => performance.now() * 1_000,
};

/** How often the yardstick runs before it is measured. */
const WARM = 3;

interface Spent {
  readonly us: number;
  readonly elapsedUs: number;
}

/** The cost of a unit of the workload. @throws errors of the workload */
export async function measure(workload: Workload, options: SamplingOptions): Promise<Figure> {
  const { samples, sampleUs, clocks = SYSTEM_CLOCKS, yardstick = runYardstick } = options;
  const runs = await findRuns(workload, { clocks, sampleUs });
  const units = runs * workload.units;
  const taken: Sample[] = [];
  // The first runs are not compiled yet.
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

/** The cost of a unit in one sample, with its yardstick. */
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

/** The cost of the yardstick at this moment, in microseconds of CPU. */
export function measureYardstick(
  clocks: Clocks = SYSTEM_CLOCKS,
  yardstick: () => void = runYardstick,
): number {
  const before = clocks.cpuUs();
  yardstick();
  return clocks.cpuUs() - before;
}

/** Finds the number of runs for a sample of sufficient length; also warms up the code. */
async function findRuns(
  workload: Workload,
  { clocks, sampleUs }: { clocks: Clocks; sampleUs: number },
): Promise<number> {
  for (let runs = 1;; runs *= 2) {
    const { us, elapsedUs } = await sampleOnce(workload, { clocks, runs });
    // A workload that mostly waits need not use that much CPU.
    if (Math.max(us, elapsedUs / 4) >= sampleUs) return runs;
  }
}

async function sampleOnce(
  workload: Workload,
  { clocks, runs }: { clocks: Clocks; runs: number },
): Promise<Spent> {
  const otherUs = workload.otherProcessesUs?.bind(workload) ?? (() => 0);
  const before = { us: clocks.cpuUs() + otherUs(), elapsedUs: clocks.elapsedUs() };
  for (let run = 0; run < runs; run++) {
    const running = workload.run();
    if (running !== undefined) await running;
  }
  return {
    us: clocks.cpuUs() + otherUs() - before.us,
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
