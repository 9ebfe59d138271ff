// The server's command line and environment, as a checked configuration. Every option and its default
// is in one table, start/server_options.ts; nothing else reads the environment.

import type { BlockList } from "node:net";
import type { CreateRooms } from "../chat/rooms/room_creation.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";
import type { Limits } from "../wire/limits.ts";
import { type Address, parseAddress, parseNetworks } from "./address.ts";
import { type BusConfig, parseBus } from "./bus.ts";
import { ConfigError } from "./config_error.ts";
import { type DatabaseConfig, parseDatabase } from "./database.ts";
import { parseLimits } from "./limits.ts";
import { readDatabaseCredentials } from "./database_credentials.ts";
import type { PrintedText } from "./shell/parse_command_line.ts";
import {
  ACCOUNTS,
  ALLOW_ENV,
  CONSOLE,
  CREATE_ROOMS,
  HOST_ENV,
  INVITES,
  LOOPBACK,
  type OptionName,
  parseOptions,
  PASSWORD_ENV,
  SERVER_OPTIONS,
} from "./start/server_options.ts";
import type { ServerStart, TlsConfig } from "./start_command.ts";
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
  /** The file with the alarms and the ready texts of the desk; undefined without one. */
  readonly deskPath: string | undefined;
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

/** Reads one environment variable; undefined when it is not set. */
type Environment = (name: string) => string | undefined;

const ON_OFF = ["on", "off"] as const;

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
    deskPath: value("desk") || undefined,
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
