// Judges a seeded bug by the results of its test with and without it. Knows no files and no
// processes.

import type { Outcome } from "./copy.ts";
import type { SeededBug } from "./seeded_bug.ts";

/**
 * `not proven`: its test leaves out what this machine cannot do. `later`: what it would be a bug in does
 * not exist yet. Neither is a success.
 */
export type Status = "caught" | "MISSED" | "not proven" | "later";

export interface Verdict {
  readonly status: Status;
  /** Why it is not caught. */
  readonly why?: string;
}

/** What a test came to on the program as it is. */
export type Control = "pass" | "fail" | "not proven";

/** Lines of a test's output that are shown. */
const SHOWN = 12;

export function judgeControl({ code, output }: Pick<Outcome, "code" | "output">): Control {
  if (code !== 0) return "fail";
  return /\bnot proven\b|\b0 passed\b|\b[1-9]\d* ignored\b/.test(withoutSums(output))
    ? "not proven"
    : "pass";
}

/** A table of goals always counts what was not proven, also when that is nothing. */
function withoutSums(output: string): string {
  return output.replaceAll(/\b0 not proven\b/g, "");
}

/** What is to be said of a bug whose test does not even pass without it; undefined when it does. */
export function judgeUncontrolled(control: Control): Verdict | undefined {
  switch (control) {
    case "pass":
      return undefined;
    case "fail":
      return missed("its test fails without the bug");
    case "not proven":
      return { status: "not proven", why: "its test cannot be run here" };
  }
}

/** A test that passes without the bug catches it when it fails with it, and says what is wrong. */
export function judge({ says }: Pick<SeededBug, "says">, outcome: Outcome): Verdict {
  const { code, output, seconds, isLate } = outcome;
  if (isLate) return missed(`its test did not end in ${seconds.toFixed(0)} s`);
  if (code === 0) return missed("its test passes");
  if (says.test(output)) return { status: "caught" };
  return missed(`its test fails, and does not say ${says}:\n${tailOf(output)}`);
}

export function missed(why: string): Verdict {
  return { status: "MISSED", why };
}

/** The end of what was written, set off. */
export function tailOf(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-SHOWN).map((line) => `    ${line}`).join("\n");
}
