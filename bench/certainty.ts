// How often a thing is measured before its figure is believed. The yardstick takes away most of what
// a busy or shared machine does to a figure, not all: a slow minute may still look like a slow-down.

import { compare } from "./comparison.ts";
import type { Figure } from "./sampling.ts";

const TAKES = 3;

/** A figure, with whatever else was found when it was taken. */
export interface Taken {
  readonly figure: Figure;
}

/** For a baseline: the middle one of some, so that neither a lucky nor a bad minute is kept. */
export async function takeMiddle<T extends Taken>(take: () => Promise<T>): Promise<T> {
  const all: T[] = [];
  for (let n = 0; n < TAKES; n++) all.push(await take());
  const sorted = all.toSorted((one, other) => one.figure.yardsticks - other.figure.yardsticks);
  return sorted[Math.floor(TAKES / 2)] as T;
}

/** What seems slower than saved is taken again, and the best counts: a slow-down stays one. */
export async function takeDoubting<T extends Taken>(
  take: () => Promise<T>,
  saved: Figure | undefined,
): Promise<T> {
  let best = await take();
  for (let n = 1; n < TAKES && saved && compare(best.figure, saved).note === "slower"; n++) {
    const again = await take();
    if (again.figure.yardsticks < best.figure.yardsticks) best = again;
  }
  return best;
}
