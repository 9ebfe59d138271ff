// Parses a command line by a program of the library's: nothing is printed, and nothing ends the process.
// Knows no program.

import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { ConfigError } from "../config_error.ts";

const HELP_WIDTH = 100;

/** The text of --help or --version, to be printed instead of anything else. */
export interface PrintedText {
  readonly text: string;
}

/**
 * Runs the actions of the command that is named.
 * @param describe a mistake, from what the library says of it in one line
 * @returns the text that was asked for; undefined when a command was
 * @throws {ConfigError} usage
 */
export function parseCommandLine(
  program: CommandUnknownOpts,
  { args, describe }: {
    /** Those behind the program's name. */
    readonly args: readonly string[];
    readonly describe: (mistake: string, error: CommanderError) => string;
  },
): PrintedText | undefined {
  let text = "";
  let errorText = "";
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true }).configureOutput({
      writeOut: (out) => text += out,
      writeErr: (err) => errorText += err,
      getOutHelpWidth: () => HELP_WIDTH,
    });
  }
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    const mistake = errorText.trim().replace(/^error: /, "").replaceAll(/\s+/g, " ");
    throw new ConfigError("usage", describe(mistake, error));
  }
}

/** A command, its subcommands and theirs. */
export function withSubcommands(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
