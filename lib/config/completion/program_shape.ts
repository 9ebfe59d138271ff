// The commands and options of a program, as its command line knows them: what completion needs. Knows no
// shell.

import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

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
  /** Whether its first argument is a room. */
  readonly takesRoom: boolean;
  readonly commands: readonly CommandShape[];
}

export function shapeOf(program: CommandUnknownOpts): CommandShape {
  const commands = program.commands.map((command) => shapeBelow(command, ""));
  return { ...shapeBelow(program, ""), path: "", commands };
}

/** A command takes the options of the command above it, too. */
function shapeBelow(
  command: CommandUnknownOpts,
  above: string,
  inherited: readonly OptionShape[] = [],
): CommandShape {
  const path = `${above} ${command.name()}`.trimStart();
  const own = command.createHelp().visibleOptions(command).flatMap(findOption);
  const others = inherited.filter(({ flag }) => !own.some((option) => option.flag === flag));
  const options = [...own, ...others];
  const argument = command.registeredArguments.at(0);
  return {
    path,
    description: command.description(),
    options,
    choices: argument?.argChoices ?? [],
    takesRoom: argument?.name() === "room",
    commands: command.commands.map((each) => shapeBelow(each, path, options)),
  };
}

/** Empty for an option with only a letter. */
function findOption(
  { long, flags, description, argChoices: choices = [] }: Option,
): readonly OptionShape[] {
  if (!long) return [];
  return [{ flag: long, description, value: /<([^>]+)>/.exec(flags)?.[1], choices }];
}

/** The command and all below it. */
export function listCommands(command: CommandShape): readonly CommandShape[] {
  return [command, ...command.commands.flatMap(listCommands)];
}
