// Checks what a fault leaves behind: descriptors, sessions, pending work, and log lines that only a
// bug writes.

import type { ChildServer } from "../../support/processes/child_server.ts";
import { pause } from "../../support/waiting.ts";
import { untilDescriptors } from "./process_info.ts";

export interface Expected {
  /** Descriptors that were open before. */
  readonly descriptors: number;
  /** Sessions that may still exist. */
  readonly sessions?: number;
  /** How long the server may take to clear up, in milliseconds. */
  readonly withinMs?: number;
}

const RETRY_MS = 20;
const GONE_MS = 500;

/** Resources that the server should have released; none in a healthy one. */
export async function findLeftovers(
  server: ChildServer,
  { descriptors, sessions = 0, withinMs = 3_000 }: Expected,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  let left = await look(server, { descriptors, sessions });
  while (left.length > 0 && performance.now() < deadline) {
    await pause(RETRY_MS);
    left = await look(server, { descriptors, sessions });
  }
  return [...left, ...findBugLines(server)];
}

async function look(
  server: ChildServer,
  { descriptors, sessions }: { descriptors: number; sessions: number },
): Promise<readonly string[]> {
  const stats = await server.stats();
  // The connection that reads the counters is counted.
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
export function findBugLines({ log }: ChildServer): readonly string[] {
  return log
    .filter((line) => !/^\{.*\}$/.test(line) || /"level":"error"|\bat .*\.ts:/.test(line))
    .map((line) => `log: ${line}`);
}
