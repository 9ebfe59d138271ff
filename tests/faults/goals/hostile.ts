// G2: every input gets exactly its answer, and no other client is affected.

import { CLASS_COUNT, HOSTILE_CLASSES, OTHER_CLASSES } from "../hostile/classes.ts";
import { saveCase } from "../hostile/corpus.ts";
import { countSent, explain } from "../hostile/report.ts";
import { type HostileReport, runHostile } from "../hostile/run.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const CASES: Readonly<Record<Size, number>> = { ci: 200_000, long: 10_000_000 };
const BYSTANDER_MS = 50;
const GROWTH_MIB = 64;
const MIB = 2 ** 20;
const CORPUS = new URL("../../corpus/", import.meta.url);

export const hostile: Goal = {
  id: "G2",
  title: "hostile input",
  asked:
    `200,000 frames of ${CLASS_COUNT} classes, exactly one reply each with the expected code; ` +
    `bystander p99 ${BYSTANDER_MS} ms; memory + ${GROWTH_MIB} MiB`,
  async run(size: Size, { seed, directory, progress }: GoalContext): Promise<Verdict> {
    const classes = HOSTILE_CLASSES;
    const report = await runHostile({
      classes,
      cases: CASES[size],
      seed,
      directory,
      onClass: (number) => progress(`class ${number} of ${CLASS_COUNT}`),
    });
    const findings = new Findings();
    findings.fault(...report.faults);
    findings.exactly("failures", { is: report.failures.length, asked: 0 });
    if (report.failures.length > 0) await keepFailures(report, { seed, progress });
    const known = classes.length + OTHER_CLASSES.size;
    findings.exactly("classes known", { is: known, asked: CLASS_COUNT });
    findings.exactly("classes sent", { is: report.sent.size, asked: classes.length });
    const frames = countSent(report);
    findings.atLeast("frames", { is: frames, asked: CASES[size] });
    findings.inTime("bystander p99", { is: report.bystanders.p99Ms, asked: BYSTANDER_MS });
    findings.atMost("growth in MiB", { is: report.growthBytes / MIB, asked: GROWTH_MIB });
    return findings.verdict({
      reached: describe(report, frames),
      counts: { frames, stored: report.stored, "bystander messages": report.bystanders.posted },
    });
  },
};

function describe(
  { sent, bystanders, failures, growthBytes }: HostileReport,
  frames: number,
): string {
  const others = [...OTHER_CLASSES.keys()].join(", ");
  return `${frames} frames of ${sent.size} classes (${others} in tests of their own), ` +
    `${failures.length} failures; ` +
    `bystander p99 ${bystanders.p99Ms.toFixed(1)} ms; memory + ${
      (growthBytes / MIB).toFixed(0)
    } MiB`;
}

/**
 * Saves the failing cases in the corpus, where a test sends them from now on, and prints them
 * shrunk.
 */
async function keepFailures(
  report: HostileReport,
  { seed, progress }: Pick<GoalContext, "seed" | "progress">,
): Promise<void> {
  for (const { number, hostile, why } of report.failures) {
    saveCase(CORPUS, { number, title: why, hostile });
  }
  progress(await explain(report, seed));
}
