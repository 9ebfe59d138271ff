// A program cannot start with its configuration: one line for a person, and the exit code.

import { EXIT_CODES } from "../exit_codes.ts";

/** What is wrong: the command line, or a file, the environment, a permission. */
type ConfigFault = "usage" | "config";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly exitCode: number;

  constructor(fault: ConfigFault, message: string) {
    super(message);
    this.exitCode = EXIT_CODES[fault];
  }
}
