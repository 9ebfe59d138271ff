// The server's command line and environment, as a checked configuration. Every option and its default
// is in one table; nothing else reads the environment.

import type { BlockList } from "node:net";
import { Command, CommanderError } from "@commander-js/extra-typings";
import type { CreateRooms } from "../chat/rooms/room_creation.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";
import type { Limits } from "../wire/limits.ts";
import { type Address, DEFAULT_PORT, parseAddress, parseNetworks } from "./address.ts";
import { type BusConfig, parseBus } from "./bus.ts";
import { ConfigError } from "./config_error.ts";
import { type DatabaseConfig, parseDatabase } from "./database.ts";
import { formatLimits, parseLimits } from "./limits.ts";
import { readDatabaseCredentials } from "./database_credentials.ts";
import { type ServerStart, TASK_ADDRESSES, type TlsConfig } from "./start_command.ts";
import { parsePublic, parseTls, requireEncryption } from "./tls.ts";

export interface ServerConfig {
  readonly listen: Address;
  /** The listener for TLS, beside the plain one. */
  readonly tls: TlsConfig | undefined;
  /** Where others reach it, if that is set. */
  readonly publicAddress: Address | undefined;
  /** The balancers that name their clients by the PROXY protocol; undefined without any. */
  readonly trustedProxies: BlockList | undefined;
  readonly database: DatabaseConfig;
  /** The way to other servers on the same MySQL database; undefined for one that is alone. */
  readonly bus: BusConfig | undefined;
  readonly limits: Limits;
  readonly createRooms: CreateRooms;
  /** Who may become an account: every guest, or only with a code, or nobody. */
  readonly accounts: typeof ACCOUNTS[number];
  /** Who may invite people. */
  readonly invites: typeof INVITES[number];
  /** Whether bare objects without newlines are answered (protocol §9). */
  readonly speaksLegacyDialect: boolean;
  /** Whether limits by address hold for connections from this machine, too. */
  readonly loopback: typeof LOOPBACK[number];
  readonly logLevel: LogLevel;
  /** What the console shows when the server has a terminal. */
  readonly console: ConsoleShows;
  /** Whether the old program's tables are upgraded: only a flag, for one start. */
  readonly upgradesLegacy: boolean;
  /** The names or addresses of this machine for others, the best first; empty when unknown. */
  readonly hosts: readonly string[];
}

/** `off`: without a console. */
type ConsoleShows = typeof CONSOLE[number];

/** The text of help or the version, to be printed instead of starting a server. */
interface PrintedText {
  readonly text: string;
}

/** Reads one environment variable; undefined when it is not set. */
type Environment = (name: string) => string | undefined;

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
  databasePasswordFile: { env: "PARLEY_DATABASE_PASSWORD_FILE", default: "" },
} as const;
type OptionName = keyof typeof SERVER_OPTIONS;

const PASSWORD_ENV = "PARLEY_DATABASE_PASSWORD";
/** Set by the task `server:at`, or by the operator: the address in the banner for others. */
const HOST_ENV = "PARLEY_HOST";
/** Read by the tasks only; here it is repeated in a command. */
const ALLOW_ENV = "PARLEY_ALLOW";
const CREATE_ROOMS = ["anyone", "members", "operators"] as const satisfies readonly CreateRooms[];
/** As lib/server/admission/passwords.ts and lib/chat/people/code_rules.ts have them. */
const ACCOUNTS = ["open", "invite", "closed"] as const;
const INVITES = ["admins", "members"] as const;
const CONSOLE = ["all", "messages", "inquiries", "off"] as const;
const LOOPBACK = ["exempt", "limited"] as const;
const ON_OFF = ["on", "off"] as const;

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

/**
 * @param args the command line behind the program's name
 * @throws {ConfigError} one line for a person, and the exit code
 */
export function parseServerConfig(
  args: readonly string[],
  { env, version, readFile }: {
    env: Environment;
    version: string;
    readFile: (path: string) => Uint8Array;
  },
): ServerConfig | PrintedText {
  const given = parseOptions(args, version);
  if ("text" in given) return given;
  const value = (name: OptionName) =>
    given[name] ?? env(SERVER_OPTIONS[name].env) ?? SERVER_OPTIONS[name].default;
  const chosen = <T extends string>(name: OptionName, flag: string, choices: readonly T[]) =>
    parseChoice(value(name), { flag, choices });
  const listen = parseAddress(value("listen"), "--listen");
  const allowsPlain = chosen("insecurePlain", SERVER_OPTIONS.insecurePlain.env, ON_OFF) === "on";
  requireEncryption(listen, { allowsPlain });
  const tls = parseTls({
    listen: value("tlsListen"),
    certificatePath: value("tlsCert"),
    keyPath: value("tlsKey"),
  });
  const database = parseDatabase(
    value("database"),
    given.database === undefined ? "environment" : "flag",
  );
  const bus = chooseBus(value("bus"), {
    database,
    source: given.bus === undefined ? "environment" : "flag",
  });
  return {
    listen,
    tls,
    publicAddress: parsePublic(value("public"), { hasTls: tls !== undefined }),
    trustedProxies: parseNetworks(splitList(value("trustedProxies")), "--trusted-proxies"),
    database: readDatabaseCredentials({ listen, tls, database, bus }, {
      passwordFile: value("databasePasswordFile"),
      password: env(PASSWORD_ENV),
      readFile,
      started: describeStart(args, env),
    }),
    bus,
    limits: parseLimits(given.limits.length > 0 ? given.limits : splitList(value("limit"))),
    createRooms: chosen("createRooms", "--create-rooms", CREATE_ROOMS),
    accounts: chosen("accounts", "--accounts", ACCOUNTS),
    invites: chosen("invites", "--invites", INVITES),
    speaksLegacyDialect: chosen("legacyDialect", "--legacy-dialect", ON_OFF) === "on",
    loopback: chosen("loopback", "--loopback", LOOPBACK),
    logLevel: chosen("logLevel", "--log-level", LOG_LEVELS),
    console: chosen("console", "--console", CONSOLE),
    upgradesLegacy: given.upgradesLegacy,
    hosts: splitHosts(env(HOST_ENV) ?? ""),
  };
}

/** How the server was started, without secrets, so that it can be repeated. */
export function describeStart(args: readonly string[], env: Environment): ServerStart {
  const settings = Object.values(SERVER_OPTIONS).flatMap(({ env: name }) => {
    const value = env(name) ?? "";
    return value === "" ? [] : [`${name}=${holdsSecret(name, value) ? "…" : value}`];
  });
  if (env(PASSWORD_ENV) !== undefined) settings.push(`${PASSWORD_ENV}=…`);
  return { args, settings, allowed: env(ALLOW_ENV) };
}

function holdsSecret(name: string, value: string): boolean {
  return name === SERVER_OPTIONS.bus.env ? value.includes("@") : /:\/\/[^@]*:[^@]*@/.test(value);
}

type Given = { readonly [N in OptionName]?: string } & {
  readonly limits: readonly string[];
  readonly upgradesLegacy: boolean;
};

function parseOptions(args: readonly string[], version: string): Given | PrintedText {
  let text = "";
  let errorText = "";
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
    .option("--log-level <level>", describe("logLevel", LOG_LEVELS.join(", ")))
    .option("--console <what>", describe("console", `shown in a terminal: ${CONSOLE.join(", ")}`))
    .option("--upgrade-legacy", "upgrade the tables of the old Python program in place")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (out) => text += out,
      writeErr: (err) => errorText += err,
      getOutHelpWidth: () => 100,
    });
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    const line = errorText.trim().replace(/^error: /, "").replaceAll(/\s+/g, " ");
    throw new ConfigError("usage", `${line} (--help lists the options)`);
  }
  const { upgradeLegacy = false, insecurePlain = false, ...texts } = command.opts();
  return {
    ...texts,
    ...(insecurePlain ? { insecurePlain: "on" } : {}),
    limits,
    upgradesLegacy: upgradeLegacy,
  };
}

/** @throws {ConfigError} also with SQLite, where there can be no other server */
function chooseBus(
  text: string,
  { database, source }: { database: DatabaseConfig; source: "flag" | "environment" },
): BusConfig | undefined {
  if (text === "") return undefined;
  const bus = parseBus(text, source);
  if (database.kind === "mysql") return bus;
  throw new ConfigError("usage", "--bus needs a MySQL database: one server has an SQLite file");
}

function parseChoice<T extends string>(
  value: string,
  { flag, choices }: { flag: string; choices: readonly T[] },
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new ConfigError("usage", `${flag} must be one of ${choices.join(", ")}`);
}

function splitList(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function splitHosts(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((host) => /^[\w.:-]+$/.test(host));
}
