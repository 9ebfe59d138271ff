// One part of the goal about other programs at the server's files and outputs.

import type { GoalContext, Size } from "../goals/goal.ts";
import type { Findings } from "../goals/findings.ts";

export interface Part {
  /** The required figures. */
  readonly asked: string;
  /** What it needs and this machine lacks; undefined when it can be run. */
  readonly missing: () => string | undefined;
  run(size: Size, context: GoalContext & { readonly findings: Findings }): Promise<Reached>;
}

export interface Reached {
  readonly reached: string;
  /** What shows that the server was exercised. */
  readonly counts: Readonly<Record<string, number>>;
}
