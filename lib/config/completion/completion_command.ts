// The command `completion`: its options and its help.

import {
  Argument,
  type CommandUnknownOpts,
  InvalidArgumentError,
} from "@commander-js/extra-typings";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = typeof SHELLS[number];

/** The script by which a shell completes the client's command line. */
export interface CompletionCommand {
  readonly kind: "completion";
  readonly shell: Shell;
  /** The word by which the person starts the client. */
  readonly program: string;
}

const COMPLETION_HELP = `
Examples:
  deno task -q client completion bash > ~/.local/share/bash-completion/completions/parley
  deno task -q client completion zsh > ~/.zfunc/_parley
  deno task -q client completion fish > ~/.config/fish/completions/parley.fish
  deno task -q client completion bash chat > ~/.local/share/bash-completion/completions/chat

Prints a script that completes commands and options of the client: of parley, the binary, or of the
word by which you start it. In zsh the folder of the file is in fpath before compinit runs.`;

/** Adds the command to the client's program. */
export function addCompletionCommand(
  program: CommandUnknownOpts,
  choose: (command: CompletionCommand) => void,
): void {
  program.command("completion")
    .description("print a script by which a shell completes the client's commands")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .argument("[program]", "the word that starts the client", parseProgram, "parley")
    .allowExcessArguments(false)
    .addHelpText("after", COMPLETION_HELP)
    .action((shell, name) => choose({ kind: "completion", shell: shell as Shell, program: name }));
}

function parseProgram(text: string): string {
  if (/^[A-Za-z][\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a word of letters, digits, -, _ and .");
}
