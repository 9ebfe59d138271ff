// How long something takes, as people write it. Pure; the command line's parser is the config's.

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** `1.5 s`, `90 s`, `30 min`, `2 h`: in the largest unit that needs no fraction. */
export function formatDuration(ms: number): string {
  if (ms >= HOUR_MS && ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  if (ms >= MINUTE_MS && ms % MINUTE_MS === 0) return `${ms / MINUTE_MS} min`;
  return `${ms / 1_000} s`;
}
