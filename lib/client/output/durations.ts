// How the client writes a length of time. Pure.

import { countOf } from "../../terminal/view_lines.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `1.5 s`, `90 s`, `30 min`, `2 h`: in the largest unit that needs no fraction. */
export function formatDuration(ms: number): string {
  if (ms >= HOUR_MS && ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  if (ms >= MINUTE_MS && ms % MINUTE_MS === 0) return `${ms / MINUTE_MS} min`;
  return `${ms / 1_000} s`;
}

/** `40 s`, `12 min`, `3 h`, `4 days`: the two figures that matter to a person who waits. */
export function formatWait(ms: number): string {
  if (ms < 100 * 1_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 100 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 48 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} days`;
}

const PERIODS = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"]] as const;

/** `7 days`, `90 minutes`: in the largest unit that needs no fraction. */
export function formatPeriod(ms: number): string {
  const [unitMs, unit] = PERIODS.find(([unitMs]) => ms % unitMs === 0) ?? [1_000, "second"];
  return countOf(Math.round(ms / unitMs), unit);
}
