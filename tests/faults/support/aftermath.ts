// What is left of a fault when it is over: descriptors, sessions, anything on its way, and words in the
// log that only a bug would write.

import type { ChildServer } from "./child_server.ts";
import { untilDescriptors } from "./process_info.ts";

export interface Aftermath {
  /** Descriptors that were open before. */
  readonly descriptors: number;
  /** Sessions that are still meant to be there. */
  readonly sessions?: number;
  /** How long the server may take to clear up, in milliseconds. */
  readonly withinMs?: number;
}

const ROUND_MS = 20;
const GONE_MS = 500;

/** What the server should have let go of and has not; nothing in a healthy one. */
export async function findLeftovers(
  server: ChildServer,
  { descriptors, sessions = 0, withinMs = 3_000 }: Aftermath,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  let left = await look(server, { descriptors, sessions });
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    left = await look(server, { descriptors, sessions });
  }
  return [...left, ...findWordsOfBugs(server)];
}

async function look(
  server: ChildServer,
  { descriptors, sessions }: { descriptors: number; sessions: number },
): Promise<readonly string[]> {
  const stats = await server.stats();
  // The one who asks is counted.
  const expected: Readonly<Record<string, number>> = {
    connections: sessions + 1,
    sessions: sessions + 1,
    users: sessions + 1,
    pending: 0,
    internal_errors: 0,
  };
  const left = Object.entries(expected).filter(([name, value]) => stats[name] !== value)
    .map(([name, value]) => `stats: ${name} is ${stats[name]}, not ${value}`);
  // Who has asked for the counters has gone, and is soon forgotten.
  const open = await untilDescriptors(server.pid, { most: descriptors, withinMs: GONE_MS });
  if (open > descriptors) left.push(`${open} descriptors are open, not ${descriptors}`);
  return left;
}

/** Lines that are no JSON, errors, and traces of a stack. */
export function findWordsOfBugs({ log }: ChildServer): readonly string[] {
  return log
    .filter((line) => !/^\{.*\}$/.test(line) || /"level":"error"|\bat .*\.ts:/.test(line))
    .map((line) => `log: ${line}`);
}
