// The command `status`: its options and its help.

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { STATUS_FORMATS, type StatusCommand, type StatusFormat } from "./status_format.ts";

const STATUS_HELP = `
Examples:
  deno task client status
  deno task client status --format json | jq -r '.rooms[].room'
  deno task client status --server work && echo "nothing for you"

Prints what is new in the live lines (chat) that run in this home, one line each, without a connection:
all of them, or those that --server and --name choose. Exit code 10: something is for you, as a mention,
a direct message or a waiting inquiry · 0: nothing is · 69: no live line is running. With --format tmux it
is one line for a status line of tmux, and empty when nothing is new.`;

/** Adds the command to the client's program. */
export function addStatusCommand(
  program: CommandUnknownOpts,
  choose: (command: StatusCommand) => void,
): void {
  program.command("status")
    .description("what is new in the live lines that run, without a connection")
    .addOption(
      new Option("--format <format>", "how it is printed").choices(STATUS_FORMATS).default("text"),
    )
    .allowExcessArguments(false)
    .addHelpText("after", STATUS_HELP)
    .action(({ format }) => {
      const { server, name } = program.opts() as { server?: string; name?: string };
      const isAtServer = server !== undefined;
      choose({ kind: "status", format: format as StatusFormat, isAtServer, name });
    });
}
