// The interface of a seeded bug: a known mistake, its place in the program, and the test that must
// detect it. Knows no bug and no runner.

/** One change of one file. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

/** A test of the suite and its command. */
export interface NamedTest {
  /** As it is told. */
  readonly name: string;
  /** The arguments of `deno`, in the root of the project. */
  readonly args: readonly string[];
}

export interface SeededBug {
  readonly number: number;
  /** The mistake, in a few words. */
  readonly title: string;
  readonly patches: readonly Patch[];
  /** Passes without the bug, and fails with it. */
  readonly test: NamedTest;
  /** The expected output of the failing test: it may not fail for another reason. */
  readonly says: RegExp;
}

/** A bug in something that the program does not have yet. */
export interface LaterBug {
  readonly number: number;
  readonly title: string;
  readonly needs: string;
}
