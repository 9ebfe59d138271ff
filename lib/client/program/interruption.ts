// The process's own interruption: Ctrl-C, and what else ends a command early.

import { EXIT_CODES } from "../../exit_codes.ts";
import { Failure } from "../exit.ts";
import { processOutput } from "../output/process_output.ts";

const stop = new AbortController();
/** Aborts on Ctrl-C, or when stdout cannot be written. */
export const signal: AbortSignal = AbortSignal.any([stop.signal, processOutput.failed]);
interruptOn("SIGINT");

/** A signal that came before the end of another program may be reported so long after it. */
const LATE_MS = 200;
/** How many other programs the interruptions are for. */
let others = 0;

/** Runs `work` while interruptions are for another program in the same terminal. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  others++;
  try {
    return await work();
  } finally {
    setTimeout(() => others--, LATE_MS);
  }
}

/** From now on the first of this signal interrupts the command; a second one ends the process at once. */
export function interruptOn(name: Deno.Signal): void {
  Deno.addSignalListener(name, () => {
    if (others > 0) return;
    if (stop.signal.aborted) Deno.exit(EXIT_CODES.interrupted);
    stop.abort(new Failure("interrupted", "Interrupted"));
  });
}
