// Reads the command line of an administrator: the command, and the server that it is for.

import { Command, type CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { parseAddress, parseNetworks } from "../address.ts";
import { ConfigError } from "../config_error.ts";
import { parseDatabase } from "../database.ts";
import {
  parseCommandLine,
  type PrintedText,
  withSubcommands,
} from "../shell/parse_command_line.ts";
import { SERVER_OPTIONS } from "../start/server_options.ts";
import { splitList } from "./admin_arguments.ts";
import type { AdminAction, AdminCommand } from "./admin_command.ts";
import { ADMIN_GROUPS } from "./admin_commands.ts";
import { parseDuration } from "./duration.ts";

const TIMEOUT_MS = 30_000;

interface AdminSources {
  readonly version: string;
  /** The variable's value; undefined when it is not set. */
  readonly env: (name: string) => string | undefined;
}

/**
 * Undefined for a command line that starts a server. Options of the server may stand before the command.
 * @throws {ConfigError} one line for a person, and the exit code
 */
export function parseAdminCommandLine(
  args: readonly string[],
  { version, env }: AdminSources,
): AdminCommand | PrintedText | undefined {
  const word = args.find((arg, at) => !arg.startsWith("-") && !isOptionWithValue(args[at - 1]));
  if (word === undefined || !Object.hasOwn(ADMIN_GROUPS, word)) return undefined;
  let action: AdminAction | undefined;
  const program = createProgram(version, (chosen) => action = chosen);
  for (const command of withSubcommands(program)) command.allowExcessArguments(false);
  const printed = parseCommandLine(program, {
    args,
    describe: (mistake, error) => describe(mistake, { error, program, word }),
  });
  if (printed !== undefined) return printed;
  if (action === undefined) throw new ConfigError("usage", `${word} needs more (see --help)`);
  const { listen, database, trustedProxies, json = false, timeout = TIMEOUT_MS } = program.opts();
  const value = (given: string | undefined, { env: name, default: usual }: ServerOption) =>
    given ?? env(name) ?? usual;
  return {
    action,
    json,
    timeoutMs: timeout,
    listen: parseAddress(value(listen, SERVER_OPTIONS.listen), "--listen"),
    database: parseDatabase(
      value(database, SERVER_OPTIONS.database),
      database === undefined ? "environment" : "flag",
    ),
    trustedProxies: parseNetworks(
      splitList(value(trustedProxies, SERVER_OPTIONS.trustedProxies)),
      "--trusted-proxies",
    ),
  };
}

/** How the library begins a sentence about a value; the rest is by its own check. */
const INVALID =
  /^(?:command-argument value|(option) '(\S+)[^']*' argument) ('.*?') is invalid.*?\. /;
const VALUE = (_: string, isOption: string | undefined, flag: string, value: string): string =>
  `${isOption === undefined ? "" : `${flag} `}${value}: `;

type ServerOption = { readonly env: string; readonly default: string };

function isOptionWithValue(arg: string | undefined): boolean {
  return arg !== undefined && /^--[^=]+$/.test(arg) && arg !== "--json";
}

// deno-lint-ignore explicit-function-return-type
function createProgram(version: string, choose: (action: AdminAction) => void) {
  const program = new Command("parley-server")
    .version(version, "--version")
    .option("--listen <host:port>", "where the server listens")
    .option("--database <where>", "the server's database")
    .option(
      "--trusted-proxies <networks>",
      "the server's trusted proxies, if this machine is one of them",
    )
    .option("--json", "print objects, one a line")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration);
  for (const [name, { description, build }] of Object.entries(ADMIN_GROUPS)) {
    build(program.command(name).description(description) as Command, choose);
  }
  return program;
}

function describe(
  mistake: string,
  { error, program, word }: {
    readonly error: CommanderError;
    readonly program: CommandUnknownOpts;
    readonly word: string;
  },
): string {
  if (error.code !== "commander.help") {
    return `${mistake.replace(INVALID, VALUE)} (see ${word} --help)`;
  }
  // A group without one of its commands.
  const group = program.commands.find((command) => command.name() === word);
  const names = group?.commands.map((command) => command.name()).join(", ");
  return `${word} needs one of ${names} (see ${word} --help)`;
}
