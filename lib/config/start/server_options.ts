// The options of the server's command line, their variables and their help. What their values mean is
// server.ts's.

import { Command } from "@commander-js/extra-typings";
import type { CreateRooms } from "../../chat/rooms/room_creation.ts";
import { LOG_LEVELS } from "../../log.ts";
import { DEFAULT_PORT } from "../address.ts";
import { formatLimits } from "../limits.ts";
import { parseCommandLine, type PrintedText } from "../shell/parse_command_line.ts";
import { TASK_ADDRESSES } from "../start_command.ts";

/** Every option with its variable and its default. */
export const SERVER_OPTIONS = {
  listen: { env: "PARLEY_LISTEN", default: `127.0.0.1:${DEFAULT_PORT}` },
  tlsListen: { env: "PARLEY_TLS_LISTEN", default: "" },
  tlsCert: { env: "PARLEY_TLS_CERT", default: "" },
  tlsKey: { env: "PARLEY_TLS_KEY", default: "" },
  public: { env: "PARLEY_PUBLIC", default: "" },
  trustedProxies: { env: "PARLEY_TRUSTED_PROXIES", default: "" },
  insecurePlain: { env: "PARLEY_INSECURE_PLAIN", default: "off" },
  database: { env: "PARLEY_DATABASE", default: "sqlite:data/parley.db" },
  bus: { env: "PARLEY_BUS", default: "" },
  createRooms: { env: "PARLEY_CREATE_ROOMS", default: "anyone" },
  accounts: { env: "PARLEY_ACCOUNTS", default: "open" },
  invites: { env: "PARLEY_INVITES", default: "admins" },
  legacyDialect: { env: "PARLEY_LEGACY_DIALECT", default: "on" },
  loopback: { env: "PARLEY_LOOPBACK", default: "exempt" },
  logLevel: { env: "PARLEY_LOG_LEVEL", default: "info" },
  console: { env: "PARLEY_CONSOLE", default: "all" },
  limit: { env: "PARLEY_LIMIT", default: "" },
  desk: { env: "PARLEY_DESK", default: "" },
  databasePasswordFile: { env: "PARLEY_DATABASE_PASSWORD_FILE", default: "" },
} as const;
export type OptionName = keyof typeof SERVER_OPTIONS;

export const PASSWORD_ENV = "PARLEY_DATABASE_PASSWORD";
/** Set by the task `server:at`, or by the operator: the address in the banner for others. */
export const HOST_ENV = "PARLEY_HOST";
/** Read by the tasks only; here it is repeated in a command. */
export const ALLOW_ENV = "PARLEY_ALLOW";
export const CREATE_ROOMS = [
  "anyone",
  "members",
  "operators",
] as const satisfies readonly CreateRooms[];
/** As lib/server/admission/passwords.ts and lib/chat/people/code_rules.ts have them. */
export const ACCOUNTS = ["open", "invite", "closed"] as const;
export const INVITES = ["admins", "members"] as const;
export const CONSOLE = ["all", "messages", "inquiries", "off"] as const;
export const LOOPBACK = ["exempt", "limited"] as const;

const EXAMPLES = `
Examples:
  deno task server
  deno task server --limit messages_per_s=20 --create-rooms operators
  PARLEY_DATABASE=mysql://root@127.0.0.1/parley deno task server
  deno task server user --help      accounts of the running server; so code, token, ban, panic
  deno task server cert --help      write a key and a certificate for TLS

Each option may be set in the environment instead:
  ${Object.values(SERVER_OPTIONS).map(({ env }) => env).join(", ")}
  (several limits with commas); a database's password also as ${PASSWORD_ENV}. ${HOST_ENV}
  is the name or address of this machine that the banner tells to others.
TLS to MySQL: ?tls=system, ?tls=data/ca.pem or ?tls=required behind the database's name.

The task may use ${TASK_ADDRESSES.join(", ")}
and the folder data. For more:
  PARLEY_NET=127.0.0.1:65432,0.0.0.0:65433 deno task server:at --tls-listen 0.0.0.0 \\
    --tls-cert data/cert.pem --tls-key data/key.pem                       other addresses
  PARLEY_ALLOW=--allow-read=/run/secrets deno task server                 other files

Closing its terminal stops the server as SIGTERM does, unless it was started with nohup. In the
background of a shell (&) the task has no console; without the task give --console off.

Exit codes: 0 stopped, 1 stopped with connections cut, 64 wrong option, 69 database out of reach,
75 data file in use by another server, 78 configuration or permission.

Limits and their defaults:
${formatLimits()}
`;

/** The options of a command line, as texts. */
type Given = { readonly [N in OptionName]?: string } & {
  readonly limits: readonly string[];
  readonly upgradesLegacy: boolean;
};

/** @throws {ConfigError} for one that does not exist, or lacks its value */
export function parseOptions(args: readonly string[], version: string): Given | PrintedText {
  const limits: string[] = [];
  const describe = (name: OptionName, what: string) =>
    `${what} (default ${SERVER_OPTIONS[name].default})`;
  const command = new Command("parley-server")
    .description("A chat server: JSON lines over TCP, every message kept.")
    .version(version, "--version")
    .option("--listen <host:port>", describe("listen", "where to listen"))
    .option("--tls-listen <host:port>", "where to listen for TLS, which other machines need")
    .option("--tls-cert <file>", "its certificate, with its chain (PEM); read again on SIGHUP")
    .option("--tls-key <file>", "its key (PEM)")
    .option("--public <host:port>", "where others reach TLS, for join strings")
    .option(
      "--trusted-proxies <networks>",
      "balancers that send PROXY headers: 10.0.0.0/8,fd00::/8",
    )
    .option("--insecure-plain", "let --listen take an address that other machines can reach")
    .option(
      "--database <where>",
      describe("database", "sqlite:PATH or mysql://user@host:port/name"),
    )
    .option("--database-password-file <path>", "a file that holds the database's password")
    .option("--bus <url>", "nats://host:4222: the way to other servers on one MySQL database")
    .option("--limit <name=value>", "change a limit; all=off turns rates off", (setting) => {
      limits.push(setting);
      return setting;
    })
    .option("--create-rooms <who>", describe("createRooms", CREATE_ROOMS.join(", ")))
    .option("--accounts <how>", describe("accounts", ACCOUNTS.join(", ")))
    .option("--invites <who>", describe("invites", INVITES.join(", ")))
    .option(
      "--legacy-dialect <on|off>",
      describe("legacyDialect", "bare JSON objects without newlines"),
    )
    .option(
      "--loopback <exempt|limited>",
      describe("loopback", "limits by address for this machine"),
    )
    .option("--desk <file>", "alarms and ready texts of the desk; read again on SIGHUP")
    .option("--log-level <level>", describe("logLevel", LOG_LEVELS.join(", ")))
    .option("--console <what>", describe("console", `shown in a terminal: ${CONSOLE.join(", ")}`))
    .option("--upgrade-legacy", "upgrade the tables of the old Python program in place")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false);
  const describeMistake = (mistake: string) => `${mistake} (--help lists the options)`;
  const printed = parseCommandLine(command, { args, describe: describeMistake });
  if (printed !== undefined) return printed;
  const { upgradeLegacy = false, insecurePlain = false, ...texts } = command.opts();
  return {
    ...texts,
    ...(insecurePlain ? { insecurePlain: "on" } : {}),
    limits,
    upgradesLegacy: upgradeLegacy,
  };
}
