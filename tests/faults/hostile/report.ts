// Formats a hostile run, for people and for a failing test: reproducible cases first.

import { shrinkHarm } from "./diagnosis.ts";
import type { HostileReport } from "./run.ts";

/** Bytes of an input that are shown. */
const SHOWN_BYTES = 512;
/** Failures, and faults, that are shown. */
const SHOWN = 10;

/** Whether every case got its expected answer, and the server is healthy. */
export function isUnharmed({ failures, faults }: HostileReport): boolean {
  return failures.length === 0 && faults.length === 0;
}

export function countSent({ sent }: HostileReport): number {
  return [...sent.values()].reduce((sum, count) => sum + count, 0);
}

export function formatHostile(report: HostileReport, seed: number): string {
  const { sent, stored, bystanders, growthBytes, failures, faults } = report;
  const { posted, p99Ms, worstMs } = bystanders;
  const lines = [
    `seed ${seed}, ${countSent(report)} cases of ${sent.size} classes, ${stored} messages stored`,
    `bystanders ${posted} messages, p99 ${p99Ms.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms`,
    `memory ${(growthBytes / 2 ** 20).toFixed(1)} MiB more`,
    `failures ${failures.length}, faults ${faults.length}`,
  ];
  for (const { number, hostile, why } of failures.slice(0, SHOWN)) {
    lines.push(`class ${number}, ${hostile.stage}: ${why}`, `    ${formatBytes(hostile.bytes)}`);
  }
  return [...lines, ...faults.slice(0, SHOWN).map((fault) => `fault: ${fault}`), ""].join("\n");
}

/** The report, followed by the shrunk harmful inputs. */
export async function explain(report: HostileReport, seed: number): Promise<string> {
  const lines = [formatHostile(report, seed)];
  for (const { number, hostile } of report.failures.slice(0, SHOWN)) {
    const smallest = await shrinkHarm(hostile);
    if (smallest !== undefined) lines.push(`class ${number}, shrunk: ${formatBytes(smallest)}\n`);
  }
  return lines.join("");
}

/** As text where it is text, and as hex. */
export function formatBytes(bytes: Uint8Array): string {
  const shown = bytes.slice(0, SHOWN_BYTES);
  const cut = shown.length < bytes.length ? ` … (${bytes.length} bytes)` : "";
  return `${JSON.stringify(new TextDecoder().decode(shown))} ${shown.toHex()}${cut}`;
}
