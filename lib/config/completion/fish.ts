// The script by which fish completes a program. Pure.

import { type CommandShape, listCommands, type OptionShape } from "./program_shape.ts";
import {
  commandPatterns,
  flagsWithValue,
  functionNameOf,
  isFile,
  knownRooms,
  quote,
} from "./shell_words.ts";

export function formatFish(shape: CommandShape, program: string): string {
  const place = `_${functionNameOf(program)}_place`;
  const complete = `complete -c ${program}`;
  const lines = listCommands(shape).flatMap((command) => {
    const at = ` -n ${quote(`test (${place}) = "${command.path}"`)}`;
    const first = ` -n ${quote(`test (${place} first) = "${command.path}"`)}`;
    // The options of the program are those of every command.
    const where = command === shape ? "" : at;
    return [
      ...command.commands.map(({ path, description }) =>
        `${complete}${first} -a ${path.split(" ").at(-1)} -d ${quoteFish(description)}`
      ),
      ...command.choices.map((choice) => `${complete}${first} -a ${choice}`),
      ...(command.takesRoom
        ? [`${complete}${first} -a ${quote(`(type -q ${program}; and ${knownRooms(program)})`)}`]
        : []),
      ...command.options.map((option) =>
        `${complete}${where} -l ${option.flag.slice(2)}${formatValue(option)} -d ${
          quoteFish(option.description)
        }`
      ),
    ];
  });
  return `# Completes ${program} in fish.
# The command so far; with an argument only as long as nothing stands behind it.
function ${place}
  set -l place ""
  set -l flag ""
  set -l given 0
  for word in (commandline -opc)[2..]
    if test -n "$flag"
      set flag ""
      continue
    end
    switch "$word"
      case ${flagsWithValue(shape).join(" ")}
        set flag "$word"
        continue
      case "-*"
        continue
    end
    switch "$place $word"
      case ${commandPatterns(shape).join(" ")}
        set place (string trim "$place $word")
      case "*"
        set given 1
    end
  end
  if test (count $argv) -gt 0 -a $given -gt 0
    set place -
  end
  echo "$place"
end
${complete} -f
${lines.join("\n")}
`;
}

function formatValue({ value, choices }: OptionShape): string {
  if (value === undefined) return "";
  if (isFile(value)) return " -r -F";
  return choices.length === 0 ? " -x" : ` -x -a ${quote(choices.join(" "))}`;
}

/** In single quotes fish knows two escapes. */
function quoteFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
