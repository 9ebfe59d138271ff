// The command line of both benchmarks: their options, output and exit codes. Knows no workload.

import { CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";

/** An unknown option or value. */
export const BAD_USAGE = 2;

/** A parser of `a,b,c` that accepts only names among `known`. */
export function namesAmong(known: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const names = text.split(",");
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length === 0) return names;
    throw new InvalidArgumentError(`unknown: ${unknown.join(", ")}; possible: ${known.join(", ")}`);
  };
}

/** A parser of a whole number within these bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
  };
}

/** Ends the process and its children with the exit code of `main`. */
export async function runMain(main: () => Promise<number>): Promise<never> {
  // Deno.exit also ends child processes.
  Deno.addSignalListener("SIGINT", () => Deno.exit(130));
  Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
  try {
    return Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has already printed the error.
    return Deno.exit(error.exitCode === 0 ? 0 : BAD_USAGE);
  }
}

export function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** Shows progress, only on a terminal. */
export function showProgress(line: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`  ${line}\n`));
}
