// The part that the scripts for bash and zsh share: how they find the command and the words before the
// cursor. Each shell offers the completions in its own way. Pure.

import { type CommandShape, listCommands } from "./program_shape.ts";
import {
  commandPatterns,
  flagsWithValue,
  functionNameOf,
  isFile,
  optionsOf,
  quote,
  valueOptions,
} from "./shell_words.ts";

/** A word that is offered, and what it is for. */
export interface OfferedWord {
  readonly word: string;
  readonly description: string;
}

/** How a shell says it; each text is one or several commands of the shell. */
export interface CaseShell {
  /** The first lines of the script. */
  readonly head: string;
  /** The variables of the function beside those that both have. */
  readonly variables: string;
  /** The index of the word behind the program's name, that of the word at the cursor, and the words. */
  readonly first: number;
  readonly current: string;
  readonly words: string;
  /** Offers the choices of an option's value. */
  readonly offerChoices: (choices: readonly string[]) => string;
  /** Offers files, with the shell's own completion, which knows how to quote them. */
  readonly offerFiles: string;
  /** Offers nothing. */
  readonly offerNothing: string;
  /** Keeps what a command takes, in variables for `offerCommand`. */
  readonly keepCommand: (
    offered: {
      readonly words: readonly OfferedWord[];
      readonly flags: readonly OfferedWord[];
    },
  ) => string;
  /** Offers what was kept; `$given` counts the arguments, `$takes_room` is set where a room is expected. */
  readonly offerCommand: string;
  /** Ends the function. */
  readonly end: string;
  /** Registers the function. */
  readonly foot: string;
}

export function formatCaseFunction(
  shape: CommandShape,
  { program, shell }: { readonly program: string; readonly shell: CaseShell },
): string {
  const values = valueOptions(shape).flatMap(({ place, value, choices }) => {
    if (choices.length > 0) return [`      ${place}) ${shell.offerChoices(choices)} ;;`];
    return isFile(value) ? [`      ${place}) ${shell.offerFiles} ;;`] : [];
  });
  const commands = listCommands(shape).map((command) => {
    const words = [
      ...command.commands.map(({ path, description }) => ({ word: lastOf(path), description })),
      ...command.choices.map((word) => ({ word, description: "" })),
    ];
    const flags = optionsOf(command, shape)
      .map(({ flag, description }) => ({ word: flag, description }));
    const room = command.takesRoom ? " takes_room=1" : "";
    return `      ${quote(command.path)}) ${shell.keepCommand({ words, flags })}${room} ;;`;
  });
  return `${shell.head}
${functionNameOf(program)}() {
  local place="" flag="" word i given=0 takes_room=""
  ${shell.variables}
  for ((i = ${shell.first}; i < ${shell.current}; i++)); do
    word="\${${shell.words}[i]}"
    if [[ -n $flag ]]; then flag=""; continue; fi
    case "$word" in
      ${flagsWithValue(shape).join("|")}) flag="$word"; continue ;;
      -*) continue ;;
    esac
    case "$place $word" in
      ${commandPatterns(shape).join("|")})
        place="\${place:+$place }$word" ;;
      *) ((given += 1)) ;;
    esac
  done
  if [[ -n $flag ]]; then
    case "$place:$flag" in
${values.join("\n")}
      *) ${shell.offerNothing} ;;
    esac
  else
    case "$place" in
${commands.join("\n")}
    esac
    ${shell.offerCommand}
  fi
  ${shell.end}
}
${shell.foot}
`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}
