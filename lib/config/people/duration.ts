// Times on a command line, as people write them: 500ms, 10s, 5m, 1h, 7d.

import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Timers take at most about 596 hours. */
const MAX_TIMEOUT_MS = 500 * 3_600_000;
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** How long to wait, in milliseconds; a bare number is seconds. @throws {InvalidArgumentError} */
export function parseDuration(text: string): number {
  const ms = findMs(text);
  if (ms !== undefined && ms >= 1 && ms <= MAX_TIMEOUT_MS) return Math.round(ms);
  throw new InvalidArgumentError("It must be a time like 10s or 5m, at most 500h.");
}

const MAX_PERIOD_MS = 3_650 * 86_400_000;

/** How long something holds, in milliseconds: at least a second. @throws {InvalidArgumentError} */
export function parsePeriod(text: string): number {
  const ms = findPeriodMs(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("It must be a time like 30m, 12h or 7d, at most 3650d.");
}

/** The same; undefined for a text that is no such time. */
export function findPeriodMs(text: string): number | undefined {
  const ms = findMs(text);
  return ms !== undefined && ms >= 1_000 && ms <= MAX_PERIOD_MS ? Math.round(ms) : undefined;
}

function findMs(text: string): number | undefined {
  const [, digits, unit = "s"] = /^(\d{1,6}(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit] ?? Number.NaN);
}
