// The descriptors, memory and CPU time of a running process, from /proc.

import { until } from "../../support/waiting.ts";

/** How many descriptors the process has open. */
export function countDescriptors(pid: number): number {
  let count = 0;
  for (const _entry of Deno.readDirSync(`/proc/${pid}/fd`)) count++;
  return count;
}

/** How much memory of the process is resident, in bytes. */
export function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new Error(`Process ${pid} has no resident memory: it has ended`);
  return Number(kib) * 1024;
}

/** What the process has spent so far on all its threads that live, in milliseconds of CPU. */
export function cpuMsOf(pid: number): number {
  let ns = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const [spent] = Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ");
    ns += Number(spent);
  }
  return ns / 1e6;
}

/** Waits until the process has at most so many descriptors. @returns how many it has then */
export async function untilDescriptors(
  pid: number,
  { most, withinMs }: { most: number; withinMs: number },
): Promise<number> {
  await until(() => countDescriptors(pid) <= most, { withinMs }).catch(() => {});
  return countDescriptors(pid);
}
