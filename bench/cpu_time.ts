// What processes have spent so far, as microseconds of CPU on all cores. Time of the clock says more
// about who else was running; CPU says what the work costs.

import process from "node:process";

/** Linux counts in hundredths of a second for everybody who looks from outside (USER_HZ). */
const TICK_US = 10_000;
/** Of /proc/<pid>/stat, counted behind the name, which may hold spaces: the time as user. */
const USER_FIELD = 11;

/** What this process has spent, its threads included. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Why it is not known what other processes spend, where it is not. */
export const OTHERS_UNKNOWN = Deno.build.os === "linux"
  ? undefined
  : "what another process spends is read from /proc, which only Linux has";

/** What another process has spent, its threads included. @throws where that is not known */
export function cpuUsOf(pid: number): number {
  if (OTHERS_UNKNOWN !== undefined) throw new Error(OTHERS_UNKNOWN);
  return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** From the text of /proc/<pid>/stat. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1]);
  if (!Number.isSafeInteger(ticks)) throw new Error(`No line of /proc/<pid>/stat: ${text}`);
  return ticks * TICK_US;
}
