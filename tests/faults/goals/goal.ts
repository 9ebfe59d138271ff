// The interface of a goal: a promise with a figure, and a run of the real server that measures it.
// Knows no goal, no runner and no report.

/** The size of a run: for a build, or the full size. */
export type Size = "ci" | "long";

export interface Goal {
  /** As in "G7". */
  readonly id: string;
  readonly title: string;
  /** The required figures. */
  readonly asked: string;
  /**
   * Runs the server and checks it from outside; leaves no process behind. A thrown error is a
   * failure.
   */
  run(size: Size, context: GoalContext): Promise<Verdict>;
}

export interface GoalContext {
  /** The random seed; printed with every failure. */
  readonly seed: number;
  /** An empty directory of this run, removed behind it. */
  readonly directory: string;
  /** Reports progress. */
  progress(line: string): void;
}

/**
 * `not proven`: what it takes is not on this machine. `later`: what is promised does not exist yet.
 * Neither is a success.
 */
export type Status = "pass" | "fail" | "not proven" | "later";

export interface Verdict {
  readonly status: Status;
  /** The measured figures; for a failure also what was missed. */
  readonly reached: string;
  /** Counts that show that the server was exercised: a success with a count of 0 is a failure. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whether only a time limit was missed: then there is a second try. */
  readonly isOnlyLate?: boolean;
}
