// The script by which a shell completes a program, from the program's own command line.

import { formatBash } from "./bash.ts";
import type { Shell } from "./completion_command.ts";
import { formatFish } from "./fish.ts";
import type { CommandShape } from "./program_shape.ts";
import { formatZsh } from "./zsh.ts";

const FORMATS: Readonly<Record<Shell, (shape: CommandShape, program: string) => string>> = {
  bash: formatBash,
  zsh: formatZsh,
  fish: formatFish,
};

export function formatCompletion(
  shape: CommandShape,
  { shell, program }: { readonly shell: Shell; readonly program: string },
): string {
  return FORMATS[shell](shape, program);
}
