// Runs a command about one's own login with the process's terminal and files.

import type { AccountCommand } from "../../config/people/account_commands.ts";
import type { ClientContext } from "../context.ts";
import { lineTerminal } from "../output/open_terminal.ts";
import { join, type JoinOptions } from "./join.ts";
import { login, register } from "./login.ts";
import { logout } from "./logout.ts";
import { type AccountFiles, useToken } from "./use_token.ts";

/** @throws {Failure} unless it is done */
export async function runAccountCommand(
  context: Omit<ClientContext, "identity">,
  { command, files, at }: {
    readonly command: AccountCommand;
    readonly files: AccountFiles;
    readonly at: JoinOptions["at"];
  },
): Promise<void> {
  const write = (text: string) => context.output.stderr(text);
  const input = {
    isTerminal: Deno.stdin.isTerminal(),
    stdin: (into: Uint8Array) => Deno.stdin.read(into),
    write,
    clock: context.clock,
  };
  const terminal = { write, readLine: () => lineTerminal.readLine() };
  switch (command.kind) {
    case "use-token":
      return await useToken(context, { ...files, ...command, input });
    case "join":
      return await join(context, { ...files, ...command, input, terminal, at });
    case "login":
      return await login(context, { ...files, ...command, input, terminal });
    case "register":
      return await register(context, { ...files, ...command, input, terminal });
    case "logout":
      return await logout(context, { ...files, ...command });
  }
}
