// The commands and options of a program, as its command line knows them: what completion needs. Knows no
// shell.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";

export interface OptionShape {
  /** `--format` */
  readonly flag: string;
  readonly description: string;
  /** What follows it, as in `file`; undefined when nothing does. */
  readonly value?: string | undefined;
  readonly choices: readonly string[];
}

export interface CommandShape {
  /** The words that lead to it, as in `desk report`; empty for the program. */
  readonly path: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** The choices of its first argument. */
  readonly choices: readonly string[];
  readonly commands: readonly CommandShape[];
}

export function shapeOf(command: CommandUnknownOpts, path = ""): CommandShape {
  return {
    path,
    description: command.description(),
    options: command.createHelp().visibleOptions(command).flatMap((option) => {
      const { long, description, argChoices: choices = [] } = option;
      if (!long) return [];
      const value = /<([^>]+)>/.exec(option.flags)?.[1];
      return [{ flag: long, description, value, choices }];
    }),
    choices: command.registeredArguments.at(0)?.argChoices ?? [],
    commands: command.commands.map((each) => shapeOf(each, `${path} ${each.name()}`.trimStart())),
  };
}

/** The command and all below it. */
export function listCommands(command: CommandShape): readonly CommandShape[] {
  return [command, ...command.commands.flatMap(listCommands)];
}
