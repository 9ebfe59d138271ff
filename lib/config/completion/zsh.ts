// The script by which zsh completes a program. Pure.

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

export function formatZsh(shape: CommandShape, program: string): string {
  const name = functionNameOf(program);
  const commands = listCommands(shape);
  const values = valueOptions(shape).flatMap(({ place, value, choices }) => {
    if (choices.length > 0) return [`      ${place}) compadd -- ${choices.join(" ")} ;;`];
    return isFile(value) ? [`      ${place}) _files ;;`] : [];
  });
  const words = commands.map((command) => {
    const own = [
      ...command.commands.map(({ path, description }) =>
        describe(path.split(" ").at(-1) ?? "", description)
      ),
      ...command.choices.map(quote),
    ];
    const flags = optionsOf(command, shape)
      .map(({ flag, description }) => describe(flag, description));
    return [
      `      ${quote(command.path)})`,
      `        words_here=(${own.join(" ")})`,
      `        flags_here=(${flags.join(" ")}) ;;`,
    ].join("\n");
  });
  return `#compdef ${program}
# Completes ${program} in zsh.
${name}() {
  local place="" flag="" word i
  local -a words_here flags_here
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $flag ]]; then flag=""; continue; fi
    case "$word" in
      ${flagsWithValue(shape).join("|")}) flag="$word"; continue ;;
    esac
    case "$place $word" in
      ${commandPatterns(shape).join("|")})
        place="\${place:+$place }$word" ;;
    esac
  done
  if [[ -n $flag ]]; then
    case "$place:$flag" in
${values.join("\n")}
    esac
  else
    case "$place" in
${words.join("\n")}
    esac
    if [[ "\${words[CURRENT]}" == -* ]]; then
      _describe option flags_here
    else
      _describe command words_here
    fi
  fi
}
if [[ "\${funcstack[1]}" == "${name}" ]]; then ${name} "$@"; else compdef ${name} ${program}; fi
`;
}

/** What stands before the first colon is completed, the rest is shown beside it. */
function describe(word: string, description: string): string {
  return quote(`${word}:${description}`);
}
