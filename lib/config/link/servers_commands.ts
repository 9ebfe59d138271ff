// The client's commands for the list of the person's servers: their arguments and their help.

import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { isProfileName, PROFILE_NAME_RULE } from "./profiles.ts";

/** A command for the list of servers. Needs no connection. */
export type ServersCommand =
  | { readonly kind: "servers"; readonly does: "list"; readonly json: boolean }
  | {
    readonly kind: "servers";
    readonly does: "rename";
    readonly from: string;
    readonly to: string;
  }
  | { readonly kind: "servers"; readonly does: "remove"; readonly name: string };

const HELP = `
Examples:
  deno task client servers
  deno task client servers rename chat work
  deno task client servers remove work
  deno task client --server work

Lists your servers: name, address, who you are there, when you used it last. A server is added by itself
when you join, log in, or chat there. They are in "servers" of ~/.config/parley/client.json, each with its
"address", and if you want with "name", "plain", "notify_command" and "ca" of its own. Without --server
the only one is used, else the one that you used last in a terminal; without a terminal (cron, CI) one of
several must be named.`;

/** Adds the commands to the client's program. */
export function addServersCommands(
  program: CommandUnknownOpts,
  choose: (command: ServersCommand) => void,
): void {
  const servers = program.command("servers")
    .description("list, rename or remove the servers that this client knows")
    .option("--json", "print an object for each server, one a line")
    .allowExcessArguments(false)
    .addHelpText("after", HELP)
    .action(({ json = false }) => choose({ kind: "servers", does: "list", json }));
  servers.command("rename")
    .description("call a server by another name")
    .argument("<name>", "its name now")
    .argument("<new>", "its new name", parseNewName)
    .allowExcessArguments(false)
    .action((from, to) => choose({ kind: "servers", does: "rename", from, to }));
  servers.command("remove")
    .description("forget a server, its name and its pin; a token stays until logout")
    .argument("<name>", "its name")
    .allowExcessArguments(false)
    .action((name) => choose({ kind: "servers", does: "remove", name }));
}

function parseNewName(text: string): string {
  if (isProfileName(text)) return text;
  throw new InvalidArgumentError(`A name must fit: ${PROFILE_NAME_RULE}.`);
}
