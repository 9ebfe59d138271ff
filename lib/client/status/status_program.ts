// A command that reads the files of live lines, as a process: the directory from the environment, the text to
// stdout, all of it at once, and the exit code.

import { ConfigError } from "../../config/config_error.ts";
import { findDirectory, STATE_BASE } from "../../config/files/directories.ts";
import { EXIT_CODES } from "../../exit_codes.ts";
import { safeText } from "../../terminal/safe_text.ts";
import { FileFault } from "../files/file_fault.ts";
import { hasFolder } from "../program/configuration_files.ts";
import { findStatus, type StatusOptions, type StatusResult } from "./print_status.ts";

/** @returns the exit code */
export function runStatus(options: StatusOptions): number {
  return runOnState((directory) => findStatus(directory, options));
}

/**
 * Runs `find` on the directory of the client's state, and prints what it returns. It throws nothing but a
 * `FileFault`. @returns the exit code
 */
export function runOnState(find: (stateDirectory: string) => StatusResult): number {
  try {
    const directory = findDirectory(STATE_BASE, { env: (name) => Deno.env.get(name), hasFolder });
    const { text, failure, exitCode } = find(directory);
    if (failure !== undefined) report(failure);
    return print(text) ? exitCode : EXIT_CODES.config;
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof FileFault)) throw error;
    report(error.message);
    return EXIT_CODES.config;
  }
}

/** @returns whether it could; a reader that has closed the pipe needs no more */
function print(text: string): boolean {
  try {
    writeAll(Deno.stdout, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return true;
    report(`Cannot write to stdout: ${error instanceof Error ? error.message : "unknown reason"}`);
    return false;
  }
}

function report(text: string): void {
  try {
    writeAll(Deno.stderr, `! ${safeText(text)}\n`);
  } catch {
    // A text that cannot be written is dropped: the exit code says the rest.
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
