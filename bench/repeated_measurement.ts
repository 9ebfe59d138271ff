// How often workloads are measured before their figures count. The yardstick removes most of the
// influence of a busy machine, not all: a slow minute may still look like a slow-down. So a
// repeated measurement runs in another pass, some time later.

import { compare } from "./comparison.ts";
import type { Figure } from "./sampling.ts";

const PASSES = 3;

/** A named result with a figure, unless it could not be measured. */
export interface NamedFigure {
  readonly name: string;
  readonly figure?: Figure;
}

/** Measures all wanted workloads, always in the same order. */
export type Pass<T extends NamedFigure> = (
  isWanted: (name: string) => boolean,
) => Promise<readonly T[]>;

/**
 * For a baseline: the median of some passes for each workload, neither of a good nor of a bad
 * minute.
 */
export async function measureMedian<T extends NamedFigure>(pass: Pass<T>): Promise<readonly T[]> {
  const passes: (readonly T[])[] = [];
  for (let n = 0; n < PASSES; n++) passes.push(await pass(() => true));
  const [first = []] = passes;
  return first.map(({ name }) => {
    const same = passes.flatMap((results) => results.filter((result) => result.name === name));
    return same.toSorted(byYardsticks)[Math.floor(same.length / 2)] as T;
  });
}

/**
 * Measures workloads that seem slower than the baseline again; the best figure counts, so a real
 * slow-down stays.
 */
export async function remeasureSlower<T extends NamedFigure>(
  pass: Pass<T>,
  saved: Readonly<Record<string, Figure>>,
): Promise<readonly T[]> {
  const isDoubted = ({ name, figure }: NamedFigure) => {
    const before = saved[name];
    return figure !== undefined && before !== undefined &&
      compare(figure, before).note === "slower";
  };
  let best = await pass(() => true);
  for (let n = 1; n < PASSES; n++) {
    const doubted = new Set(best.filter(isDoubted).map(({ name }) => name));
    if (doubted.size === 0) break;
    const again = await pass((name) => doubted.has(name));
    best = best.map((result) => {
      const same = again.filter(({ name }) => name === result.name);
      return [result, ...same].toSorted(byYardsticks)[0] as T;
    });
  }
  return best;
}

function byYardsticks(one: NamedFigure, other: NamedFigure): number {
  return (one.figure?.yardsticks ?? 0) - (other.figure?.yardsticks ?? 0);
}
