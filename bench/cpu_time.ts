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

/** What another process has spent, its threads included; 0 where nobody says (not Linux). */
export function cpuUsOf(pid: number): number {
  if (Deno.build.os !== "linux") return 0;
  return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** From the text of /proc/<pid>/stat. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1]);
  if (!Number.isSafeInteger(ticks)) throw new Error(`No line of /proc/<pid>/stat: ${text}`);
  return ticks * TICK_US;
}
