// The client's commands for one's own login: their options and their help.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { parseDuration } from "./duration.ts";

/** A command about one's own login, with its arguments. */
export interface AccountCommand {
  readonly kind: "use-token";
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 30_000;

const USE_TOKEN_HELP = `
Examples:
  deno task client use-token < data/admin.token
  ssh chat.example.org cat parley/data/admin.token | deno task client use-token --server chat.example.org

Reads a token from stdin, never from an argument; in a terminal it asks, and shows nothing of what is
typed. When the server accepts the token it is kept (0600) for that server, and later runs are that
user. A token that is not accepted replaces nothing, and the exit code is 77.`;

/** Adds the commands to the client's program. */
export function addAccountCommands(
  program: CommandUnknownOpts,
  choose: (command: AccountCommand) => void,
): void {
  program.command("use-token")
    .description("keep a token, read from stdin, and be that user from now on")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", USE_TOKEN_HELP)
    .action(({ timeout = TIMEOUT_MS }) => choose({ kind: "use-token", timeoutMs: timeout }));
}
