// What the scripts of all shells have in common. Pure.

import { type CommandShape, listCommands, type OptionShape } from "./program_shape.ts";

/** As one word of bash and zsh, whatever is in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The name of the function for a program; zsh wants this one. */
export function functionNameOf(program: string): string {
  return `_${program.replaceAll(/[.-]/g, "_")}`;
}

/** The options of a command, and those of the program, which every command takes. */
export function optionsOf(command: CommandShape, program: CommandShape): readonly OptionShape[] {
  const own = command === program ? [] : command.options;
  const general = program.options.filter(({ flag }) =>
    flag !== "--version" && !own.some((option) => option.flag === flag) || command === program
  );
  return [...own, ...general];
}

/** Prints the names of rooms that the program knows without a connection; nothing where it fails. */
export function knownRooms(program: string): string {
  return `${program} rooms --known 2> /dev/null`;
}

/** All options behind which a value follows. */
export function flagsWithValue(program: CommandShape): readonly string[] {
  const options = listCommands(program).flatMap((command) => command.options);
  const flags = options.filter(({ value }) => value !== undefined).map(({ flag }) => flag);
  return [...new Set(flags)];
}

/** For `case`: the command so far, a blank, and a word that leads on to a command. */
export function commandPatterns(program: CommandShape): readonly string[] {
  const paths = listCommands(program).map(({ path }) => path).filter((path) => path !== "");
  return paths.map((path) => quote(path.includes(" ") ? path : ` ${path}`));
}

/** The options behind which a value follows, each with a pattern of `command:option` for `case`. */
export function valueOptions(
  program: CommandShape,
): readonly (OptionShape & { readonly place: string })[] {
  return listCommands(program).flatMap((command) =>
    command.options.filter(({ value }) => value !== undefined).map((option) => {
      // The options of the program are those of every command.
      const isGeneral = command === program;
      const place = isGeneral ? `*:${option.flag}` : quote(`${command.path}:${option.flag}`);
      return { ...option, place };
    })
  );
}

export function isFile(value: string | undefined): boolean {
  return value === "file";
}
