// CPU time of processes so far, in microseconds on all cores. Wall-clock time depends more on other
// processes; CPU time is the cost of the work.

import process from "node:process";

/** Linux reports the time of other processes in hundredths of a second (USER_HZ). */
const TICK_US = 10_000;
/** The user time in /proc/<pid>/stat, counted after the name, which may contain spaces. */
const USER_FIELD = 11;

/** CPU time of this process, including its threads. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Why the CPU time of other processes is unknown; undefined on Linux. */
export const OTHERS_UNKNOWN = Deno.build.os === "linux"
  ? undefined
  : "the CPU time of another process is read from /proc, which only Linux has";

/** CPU time of another process, including its threads. @throws where it is unknown */
export function cpuUsOf(pid: number): number {
  if (OTHERS_UNKNOWN !== undefined) throw new Error(OTHERS_UNKNOWN);
  return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** From the text of /proc/<pid>/stat. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1]);
  if (!Number.isSafeInteger(ticks)) throw new Error(`Not a line of /proc/<pid>/stat: ${text}`);
  return ticks * TICK_US;
}
