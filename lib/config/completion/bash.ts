// The script by which bash completes a program. Pure.

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

export function formatBash(shape: CommandShape, program: string): string {
  const name = functionNameOf(program);
  const commands = listCommands(shape);
  const values = valueOptions(shape).flatMap(({ place, value, choices }) => {
    if (choices.length > 0) return [`      ${place}) words=${quote(choices.join(" "))} ;;`];
    // The shell's own completion of files knows how to quote them.
    return isFile(value) ? [`      ${place}) compopt -o default; return ;;`] : [];
  });
  const words = commands.map((command) => {
    const own = [...command.commands.map(({ path }) => path.split(" ").at(-1)), ...command.choices];
    const flags = optionsOf(command, shape).map(({ flag }) => flag);
    return `      ${quote(command.path)}) words=${quote(own.join(" "))} flags=${
      quote(flags.join(" "))
    } ;;`;
  });
  return `# Completes ${program} in bash.
${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place="" flag="" flags="" words="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $flag ]]; then flag=""; continue; fi
    case "$word" in
      ${flagsWithValue(shape).join("|")}) flag="$word"; continue ;;
    esac
    case "$place $word" in
      ${commandPatterns(shape).join("|")})
        place="\${place:+$place }$word" ;;
    esac
  done
  COMPREPLY=()
  if [[ -n $flag ]]; then
    case "$place:$flag" in
${values.join("\n")}
      *) return ;;
    esac
  else
    case "$place" in
${words.join("\n")}
    esac
    if [[ $current == -* ]]; then words="$flags"; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${name} ${program}
`;
}
