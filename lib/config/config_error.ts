// A program cannot start as it was told to: one line for a person, a reason for the exit code.

import { EXIT_CODES } from "../exit_codes.ts";

/** What is wrong: the command line, or a file, the environment, a permission. */
export type ConfigFault = "usage" | "config";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitCode: number;

  constructor(fault: ConfigFault, message: string) {
    super(message);
    this.exitCode = EXIT_CODES[fault];
  }
}
