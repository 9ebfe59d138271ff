// Compares a figure with the saved one: the ratio, and whether it is significant. Knows no file and
// no console.

import type { Figure } from "./sampling.ts";

/** The least ratio that is reported as slower. */
const NOTICED = 1.25;
/** This many times the spread of both figures counts as noise. */
const NOISE = 3;

export interface Comparison {
  /** Now to then, in yardsticks; above 1 it costs more. */
  readonly ratio: number;
  readonly note: "" | "slower" | "faster";
}

/**
 * Both are in yardsticks measured beside them, so that another or a busy machine has little
 * influence.
 */
export function compare(now: Figure, saved: Figure): Comparison {
  const ratio = now.yardsticks / saved.yardsticks;
  const noticed = Math.max(NOTICED, 1 + NOISE * (now.spread + saved.spread));
  return { ratio, note: ratio > noticed ? "slower" : ratio < 1 / noticed ? "faster" : "" };
}
