// Processes of this machine that a test did not start itself, on Linux.

import { until } from "../waiting.ts";

/** Whether there is no such process any more, or nothing but its exit code is left of it. */
export function hasEnded(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

/** Resolves when the process has ended. @throws when it does not */
export async function untilEnded(pid: number): Promise<void> {
  await until(() => hasEnded(pid), { otherwise: `Process ${pid} did not end` });
}
