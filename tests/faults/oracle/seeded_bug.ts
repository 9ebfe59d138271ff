// What a seeded bug is: a known mistake, where it is put into the program, and the test that must
// notice it. Knows no bug, and nothing of how they are run.

/** One change of one file. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

/** A test of the suite, as it is run by hand. */
export interface NamedTest {
  /** As it is told. */
  readonly name: string;
  /** The arguments of `deno`, in the root of the project. */
  readonly args: readonly string[];
}

export interface SeededBug {
  readonly number: number;
  /** What the program does wrong, in a few words. */
  readonly title: string;
  readonly patches: readonly Patch[];
  /** Passes without the bug, and fails with it. */
  readonly test: NamedTest;
  /** What the failing test says: it may not fail for another reason. */
  readonly says: RegExp;
}

/** A bug in something that the program does not have yet. */
export interface LaterBug {
  readonly number: number;
  readonly title: string;
  readonly needs: string;
}
