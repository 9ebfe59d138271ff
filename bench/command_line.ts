// What both benchmarks take on their command line, and how they end. Knows nothing of what is
// measured.

import { CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";

/** Something was asked for that there is not. */
export const BAD_USAGE = 2;

/** A parser of `a,b,c` that takes only what is among `known`. */
export function namesAmong(known: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const names = text.split(",");
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length === 0) return names;
    throw new InvalidArgumentError(`no ${unknown.join(", ")}; there are ${known.join(", ")}`);
  };
}

/** A parser of a whole number within these bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted`);
  };
}

/** Ends the process with what `main` comes to, and whatever it started with it. */
export async function runMain(main: () => Promise<number>): Promise<never> {
  // Leaving by exit ends what was started as well.
  Deno.addSignalListener("SIGINT", () => Deno.exit(130));
  Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
  try {
    return Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What commander has told already ends with its own code.
    return Deno.exit(error.exitCode === 0 ? 0 : BAD_USAGE);
  }
}

export function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** Only a person wants to know how far it is. */
export function showProgress(line: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`  ${line}\n`));
}
