// The client's commands for one's own login: their options and their help.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ConfigError } from "../config_error.ts";
import { parseDuration } from "./duration.ts";

/** A command about one's own login, with its arguments. */
export type AccountCommand =
  | { readonly kind: "use-token"; readonly timeoutMs: number }
  | { readonly kind: "logout"; readonly timeoutMs: number }
  | { readonly kind: "login"; readonly account?: string; readonly timeoutMs: number }
  | { readonly kind: "register"; readonly timeoutMs: number }
  | {
    readonly kind: "join";
    /** A code or a join string; without it the person is asked, or it is the one line of stdin. */
    readonly code?: string;
    /** Whether the new password is the one line of stdin. */
    readonly isPasswordPiped: boolean;
    readonly timeoutMs: number;
  };

const KINDS: readonly string[] = [
  "use-token",
  "logout",
  "login",
  "register",
  "join",
] satisfies AccountCommand["kind"][];

export function isAccountCommand(
  command: { readonly kind: string },
): command is AccountCommand {
  return KINDS.includes(command.kind);
}

const TIMEOUT_MS = 30_000;

const USE_TOKEN_HELP = `
Examples:
  deno task client use-token < data/admin.token
  ssh chat.example.org cat parley/data/admin.token | deno task client use-token --server chat.example.org

Reads a token from stdin, never from an argument; in a terminal it asks, and shows nothing of what is
typed. When the server accepts the token it is kept (0600) for that server, and later runs are that
user. A token that is not accepted replaces nothing, and the exit code is 77.`;

const JOIN_HELP = `
Examples:
  deno task client join 'parley://chat.example.org:65433/K7QD9FX2TB4M8WZR#PIN'
  deno task client join K7QD-9FX2-TB4M-8WZR --server chat.example.org
  deno task client join K7QD9FX2TB4M8WZR --name ada
  deno task client join K7QD9FX2TB4M8WZR --name ada --password-stdin < password.txt

Redeems the code that an administrator has given you: for a new account (its name, and a password if
you want one, are asked for), or for a new password; or for a further device of yours (/code in the
chat prints one). What the code is for is shown first. The token that it gives is kept (0600), and later runs are that user.
A code can be typed in any case, with or without dashes. A join string names the server, too, and the pin
of its key, which is checked first and kept. Without an argument the code or string is asked for, or read
from stdin, so that no shell keeps it.`;

const LOGIN_HELP = `
Examples:
  deno task client login ada
  deno task client login ada --server chat.example.org < password.txt

Logs in by name and password, and keeps a token (0600) for later runs, which are that user. The password
is asked for unseen in a terminal; otherwise it is the one line of stdin. Never an argument.`;

const REGISTER_HELP = `
Examples:
  deno task client register
  deno task client register --name ada < password.txt

Makes an account of the guest that you are, with a password: you keep your rooms, questions and read
positions. Without a guest of that name one is created first. Some servers are by invitation: there an
administrator gives you a code for "client join".`;

const LOGOUT_HELP = `
Examples:
  deno task client logout
  deno task client logout --name ada --server chat.example.org

Ends the token that is kept for the name and server: on the server, and then the file. Other devices
of the same user stay logged in.`;

/** Adds the commands to the client's program. */
export function addAccountCommands(
  program: CommandUnknownOpts,
  choose: (command: AccountCommand) => void,
): void {
  const timeout = "give up after this: 10s, 5m (default 30s)";
  program.command("join")
    .description("redeem a code: a new account, a further device, or a new password")
    .argument("[code]", "the code or join string; else it is asked for, or read from stdin")
    .option("--password-stdin", "read the new password from stdin: one line")
    .option("--timeout <time>", timeout, parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", JOIN_HELP)
    .action((code, { passwordStdin = false, timeout = TIMEOUT_MS }) => {
      if (code === undefined && passwordStdin) {
        throw new ConfigError("usage", "--password-stdin needs the code as an argument");
      }
      choose({ kind: "join", code, isPasswordPiped: passwordStdin, timeoutMs: timeout });
    });
  program.command("use-token")
    .description("keep a token, read from stdin; later runs are its user")
    .option("--timeout <time>", timeout, parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", USE_TOKEN_HELP)
    .action(({ timeout = TIMEOUT_MS }) => choose({ kind: "use-token", timeoutMs: timeout }));
  program.command("login")
    .description("log in by name and password; later runs are that user")
    .argument("[name]", "your account's name")
    .option("--timeout <time>", timeout, parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", LOGIN_HELP)
    .action((account, { timeout = TIMEOUT_MS }) => {
      choose({ kind: "login", account, timeoutMs: timeout });
    });
  program.command("register")
    .description("register this guest as an account, with a password")
    .option("--timeout <time>", timeout, parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", REGISTER_HELP)
    .action(({ timeout = TIMEOUT_MS }) => choose({ kind: "register", timeoutMs: timeout }));
  program.command("logout")
    .description("end the token that is kept here, and forget it")
    .option("--timeout <time>", timeout, parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", LOGOUT_HELP)
    .action(({ timeout = TIMEOUT_MS }) => choose({ kind: "logout", timeoutMs: timeout }));
}
