// The script by which zsh completes a program. Pure.

import { formatCaseFunction, type OfferedWord } from "./case_function.ts";
import type { CommandShape } from "./program_shape.ts";
import { functionNameOf, knownRooms, quote } from "./shell_words.ts";

export function formatZsh(shape: CommandShape, program: string): string {
  const name = functionNameOf(program);
  return formatCaseFunction(shape, {
    program,
    shell: {
      head: `#compdef ${program}\n# Completes ${program} in zsh.`,
      variables: "local -a words_here flags_here",
      first: 2,
      current: "CURRENT",
      words: "words",
      offerChoices: (choices) => `compadd -- ${choices.join(" ")}`,
      offerFiles: "_files",
      offerNothing: ":",
      keepCommand: ({ words, flags }) =>
        `words_here=(${list(words)})\n        flags_here=(${list(flags)})`,
      offerCommand: `if [[ "\${words[CURRENT]}" == -* ]]; then _describe option flags_here
    elif ((given > 0)); then :
    elif [[ -n $takes_room ]]; then compadd -- \${(f)"$(${knownRooms(program)})"}
    else _describe command words_here
    fi`,
      end: ":",
      foot:
        `if [[ "\${funcstack[1]}" == "${name}" ]]; then ${name} "$@"; else compdef ${name} ${program}; fi`,
    },
  });
}

/** What stands before the first colon is completed, the rest is shown beside it. */
function list(words: readonly OfferedWord[]): string {
  return words.map(({ word, description }) =>
    quote(description === "" ? word : `${word}:${description}`)
  ).join(" ");
}
