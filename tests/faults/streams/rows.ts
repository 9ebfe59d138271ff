// What each command of a program must do with a kind of stdin and of stdout, as a row, and how all rows are
// run. Knows neither program.

import { assertEquals, assertMatch } from "@std/assert";
import { type CommandShape, listCommands } from "../../../lib/config/completion/program_shape.ts";
import type { Ended, Streams } from "./kinds.ts";

export interface Row {
  /** The words of the command, as in `desk report`; empty for the program without a command. */
  readonly command: string;
  readonly args: readonly string[];
  readonly code: number;
  /** Whether it prints data; then a stdout that is full is 78. */
  readonly prints?: true;
  /** Whether it reads stdin; then one that cannot be read is 78. */
  readonly reads?: true;
  /** What it asks a person for; a script gives it on stdin. */
  readonly asks?: string;
  /** The text at which it is interrupted, when it goes on for ever. */
  readonly interruptAt?: RegExp;
  /** Run by an operator, in a home with a live line; else by a new guest. */
  readonly isOperator?: true;
}

/** A program, and a place to run it in. */
export interface Scene {
  readonly rows: readonly Row[];
  run(row: Row, streams: Streams): Promise<Ended>;
  /** All that the program may write to stderr. */
  readonly stderr: RegExp;
}

const CAUSES: Partial<Record<Streams["stdin"], string>> = {
  directory: "Is a directory",
  unreadable: "Bad file descriptor",
};

/** @throws when a command has no row */
export function assertComplete(program: CommandShape, rows: readonly Row[]): void {
  const commands = listCommands(program).map(({ path }) => path);
  assertEquals(commands.filter((path) => !rows.some(({ command }) => command === path)), []);
}

/**
 * Runs each row with the streams that are chosen for it, some at once.
 * @throws with all that ends in another way than it must
 */
export async function runRows(
  scene: Scene,
  choose: (row: Row, at: number) => readonly Streams[],
): Promise<void> {
  const runs = scene.rows.flatMap((row, at) =>
    choose(row, at).map((streams) => ({ row, streams }))
  );
  const faults: string[] = [];
  const next = async (): Promise<void> => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const { row, streams } = run;
      const ended = await scene.run(row, streams);
      try {
        assertEnd(run, ended, scene);
      } catch (error) {
        faults.push(`${row.args.join(" ")} ${Deno.inspect({ ...streams, ...ended })}\n${error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 2 * navigator.hardwareConcurrency }, next));
  assertEquals(faults, [], faults.join("\n\n"));
}

function assertEnd(
  { row, streams: { stdin, stdout } }: { readonly row: Row; readonly streams: Streams },
  { code, out, err }: Ended,
  { stderr }: Pick<Scene, "stderr">,
): void {
  const question = row.asks !== undefined && stdin === "terminal" ? `${row.asks}: \n` : "";
  assertEquals(err.slice(0, question.length), question);
  assertMatch(err.slice(question.length), stderr);
  const cause = row.reads && CAUSES[stdin];
  if (cause !== undefined) {
    assertEquals([code, err], [78, `! Cannot read stdin: ${cause}\n`]);
  } else if (row.prints && stdout === "full") {
    assertEquals(code, 78);
    assertMatch(
      err,
      /(?:! |parley-server: )Cannot write to stdout: No space left on device[^\n]*\n$/,
    );
  } else if (row.prints && stdout === "gone") {
    // A reader that has seen enough, as `head`, is no fault.
    assertEquals([row.interruptAt ? 0 : row.code, err.includes("stdout")], [code, false]);
  } else {
    assertEquals(code, row.code);
    const isSeen = stdout === "pipe" || stdout === "terminal";
    // A server greets the person at a terminal.
    const mayGreet = row.interruptAt !== undefined && stdout === "terminal";
    if (!mayGreet) assertEquals(out !== "", row.prints === true && isSeen);
  }
}
