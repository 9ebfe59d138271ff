// The script by which bash completes a program. Pure.

import { formatCaseFunction } from "./case_function.ts";
import type { CommandShape } from "./program_shape.ts";
import { functionNameOf, knownRooms, quote } from "./shell_words.ts";

export function formatBash(shape: CommandShape, program: string): string {
  const name = functionNameOf(program);
  const list = (words: readonly { readonly word: string }[]) =>
    quote(words.map(({ word }) => word).join(" "));
  return formatCaseFunction(shape, {
    program,
    shell: {
      head: `# Completes ${program} in bash.`,
      variables: `local current="\${COMP_WORDS[COMP_CWORD]}" words="" flags=""; COMPREPLY=()`,
      first: 1,
      current: "COMP_CWORD",
      words: "COMP_WORDS",
      offerChoices: (choices) => `words=${quote(choices.join(" "))}`,
      offerFiles: "compopt -o default; return",
      offerNothing: "return",
      keepCommand: ({ words, flags }) => `words=${list(words)} flags=${list(flags)}`,
      offerCommand: `if [[ $current == -* ]]; then words="$flags"
    elif ((given > 0)); then words=""
    elif [[ -n $takes_room ]]; then words="$(${knownRooms(program)})"
    fi`,
      end: `COMPREPLY=($(compgen -W "$words" -- "$current"))`,
      foot: `complete -F ${name} ${program}`,
    },
  });
}
