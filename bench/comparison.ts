// A figure beside the saved one: by how much it has grown, and whether that means anything. Knows no
// file and no console.

import type { Figure } from "./sampling.ts";

/** What a thing has to have grown by before it is called slower. */
const NOTICED = 1.25;
/** So many times the spread of both figures is noise. */
const NOISE = 3;

export interface Comparison {
  /** Now to then, in yardsticks; above 1 it costs more. */
  readonly ratio: number;
  readonly note: "" | "slower" | "faster";
}

/** Both in yardsticks of their own moment, so that another machine or a busy one does not count. */
export function compare(now: Figure, saved: Figure): Comparison {
  const ratio = now.yardsticks / saved.yardsticks;
  const noticed = Math.max(NOTICED, 1 + NOISE * (now.spread + saved.spread));
  return { ratio, note: ratio > noticed ? "slower" : ratio < 1 / noticed ? "faster" : "" };
}
