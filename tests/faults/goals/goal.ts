// What a goal is: a promise with a figure, and a run of the real server that says how near it came.
// Knows no goal, and nothing of how goals are run or told.

/** How much is done: what fits a build, or what one asks for by hand. */
export type Size = "ci" | "long";

export interface Goal {
  /** As in "G7". */
  readonly id: string;
  readonly title: string;
  /** The figures asked for. */
  readonly asked: string;
  /** Runs the server and judges it from outside; leaves no process behind. What it throws is a failure. */
  run(size: Size, context: GoalContext): Promise<Verdict>;
}

export interface GoalContext {
  /** What chance is made of; told with every failure. */
  readonly seed: number;
  /** An empty directory of this run, removed behind it. */
  readonly directory: string;
  /** Says how far it is, to whoever watches. */
  tell(line: string): void;
}

/**
 * `not proven`: what it takes is not on this machine. `later`: what is promised does not exist yet.
 * Neither is a success.
 */
export type Status = "pass" | "fail" | "not proven" | "later";

export interface Verdict {
  readonly status: Status;
  /** The figures reached; of a failure also what was missed. */
  readonly reached: string;
  /** What shows that the server was exercised: a success in which one of them is 0 is none. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whether a limit of time was missed and nothing else: that deserves a second try. */
  readonly isOnlyLate?: boolean;
}
