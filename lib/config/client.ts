// The client's command line, environment and configuration file, as a checked configuration. Every
// setting and its default stands in one table; nothing else reads the environment.

import { isAccountName } from "../wire/text.ts";
import { type Address, DEFAULT_PORT, parseAddress } from "./address.ts";
import { type ClientCommand, parseClientCommandLine } from "./client_commands.ts";
import { ConfigError } from "./config_error.ts";

export interface ClientConfig {
  readonly server: Address;
  /** Undefined when none was given: a remembered one will do. */
  readonly name?: string;
  /** Whether later runs without a name are to have this one: it was given as an option. */
  readonly remembersName: boolean;
  /** Where tokens and the configuration file lie. */
  readonly configDirectory: string;
  /** Where messages without an answer and typed lines lie. */
  readonly stateDirectory: string;
  readonly command: ClientCommand;
}

/** Help or the version was asked for: print it, nothing else is wanted. */
export interface PrintedText {
  readonly text: string;
}

/** The outside world a configuration is read from. */
export interface ClientSources {
  readonly version: string;
  /** How the exit codes read in `--help`. */
  readonly exitCodes: string;
  /** The variable's value; undefined when it is not set. */
  readonly env: (name: string) => string | undefined;
  /** The file's text, with its byte order mark if it has one; undefined when there is none. */
  readonly findFile: (path: string) => string | undefined;
}

/** Every setting with its variable, its key in the configuration file, and its default. */
const SETTINGS = {
  server: { env: "PARLEY_SERVER", key: "server", default: `127.0.0.1:${DEFAULT_PORT}` },
  name: { env: "PARLEY_NAME", key: "name", default: undefined },
} as const;
type SettingName = keyof typeof SETTINGS;

const CONFIG_DIRECTORY = ".config/parley";
const STATE_DIRECTORY = ".local/state/parley";
const CONFIG_FILE = "client.json";

const NAME_RULE = "a name is 2 to 32 letters, digits, - and _, a letter first, no - or _ last";

/**
 * @param args the command line behind the program's name
 * @throws {ConfigError} one line for a person, and the exit code
 */
export function parseClientConfig(
  args: readonly string[],
  sources: ClientSources,
): ClientConfig | PrintedText {
  const given = parseClientCommandLine(args, sources);
  if ("text" in given) return given;
  const home = sources.env("HOME");
  if (home === undefined || home === "") {
    throw new ConfigError("config", "HOME is not set: tokens and unsent messages have no place");
  }
  const configDirectory = `${home}/${CONFIG_DIRECTORY}`;
  const file = readConfigFile(`${configDirectory}/${CONFIG_FILE}`, sources);
  const server = resolve("server", { given: given.server, file, sources, check: parseServer });
  const name = resolve("name", { given: given.name, file, sources, check: parseName });
  return {
    server: server ?? parseServer(SETTINGS.server.default, "--server"),
    ...(name === undefined ? {} : { name }),
    remembersName: given.name !== undefined,
    configDirectory,
    stateDirectory: `${home}/${STATE_DIRECTORY}`,
    command: given.command,
  };
}

/** The flag's value, else the variable's, else the file's; said wrong, each is blamed by name. */
function resolve<T>(
  setting: SettingName,
  { given, file, sources, check }: {
    readonly given: string | undefined;
    readonly file: ReadonlyMap<string, string>;
    readonly sources: ClientSources;
    readonly check: (text: string, source: string) => T;
  },
): T | undefined {
  if (given !== undefined) return check(given, `--${setting}`);
  const { env, key } = SETTINGS[setting];
  const variable = sources.env(env);
  const [text, source] = variable !== undefined && variable !== ""
    ? [variable, env]
    : [file.get(key), `"${key}" in ${CONFIG_FILE}`];
  if (text === undefined) return undefined;
  try {
    return check(text, source);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError("config", error.message) : error;
  }
}

function parseServer(text: string, source: string): Address {
  return parseAddress(text, source);
}

function parseName(text: string, source: string): string {
  if (isAccountName(text)) return text;
  throw new ConfigError("usage", `${source} ${JSON.stringify(text)} is no name: ${NAME_RULE}`);
}

function readConfigFile(path: string, { findFile }: ClientSources): ReadonlyMap<string, string> {
  const text = findFile(path);
  if (text === undefined) return new Map();
  const known: readonly string[] = Object.values(SETTINGS).map(({ key }) => key);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new ConfigError("config", `${path} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError("config", `${path} must hold an object with ${known.join(" and ")}`);
  }
  return new Map(
    Object.entries(value).map(([key, setting]) => {
      if (!known.includes(key)) {
        const wanted = `it may hold ${known.join(" and ")}`;
        throw new ConfigError("config", `${path} holds ${JSON.stringify(key)}: ${wanted}`);
      }
      if (typeof setting !== "string") {
        throw new ConfigError("config", `${path}: "${key}" must be a string`);
      }
      return [key, setting];
    }),
  );
}
