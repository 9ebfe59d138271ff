// How often a thing is measured before its figure is believed. The yardstick takes away most of what
// a busy or shared machine does to a figure, not all: a slow minute may still look like a slow-down.

import { compare } from "./comparison.ts";
import type { Figure } from "./sampling.ts";

const TAKES = 3;

/** For a baseline: the middle one of some, so that neither a lucky nor a bad minute is kept. */
export async function takeMiddle(take: () => Promise<Figure>): Promise<Figure> {
  const figures: Figure[] = [];
  for (let n = 0; n < TAKES; n++) figures.push(await take());
  const sorted = figures.toSorted((one, other) => one.yardsticks - other.yardsticks);
  return sorted[Math.floor(TAKES / 2)] as Figure;
}

/** What seems slower than saved is measured again, and the best counts: a slow-down stays one. */
export async function takeDoubting(
  take: () => Promise<Figure>,
  saved: Figure | undefined,
): Promise<Figure> {
  let best = await take();
  for (let n = 1; n < TAKES && saved && compare(best, saved).note === "slower"; n++) {
    const again = await take();
    if (again.yardsticks < best.yardsticks) best = again;
  }
  return best;
}
