// The client's command line, environment and configuration file, as a checked configuration. Every
// setting and its default stands in one table; nothing else reads the environment.

import { isFields } from "../wire/json.ts";
import { isText } from "../wire/shape.ts";
import { isAccountName } from "../wire/text.ts";
import { type ChosenServer, completeTrust, parseServer } from "./link/chosen_server.ts";
import { DEFAULT_PORT } from "./address.ts";
import {
  type ClientCommand,
  parseClientCommandLine,
  type ParsedCommandLine,
} from "./client_commands.ts";
import { ConfigError } from "./config_error.ts";
import {
  CONFIG_BASE,
  type DirectorySources,
  findDirectory,
  STATE_BASE,
} from "./files/directories.ts";

export interface ClientConfig {
  readonly server: ChosenServer;
  /** The file of an authority's certificates, for the server of a join string without a pin. */
  readonly caPath?: string;
  /** Undefined when none was given: then a remembered one is used. */
  readonly name?: string;
  /** The command that is run when a message calls the person. */
  readonly notifyCommand?: string;
  /** Whether the chat redraws nothing; undefined when that is not set. */
  readonly plain?: boolean;
  /** Whether later runs without a name use this one: it was given as an option. */
  readonly remembersName: boolean;
  /** The directory of the tokens and the configuration file. */
  readonly configDirectory: string;
  /** The directory of messages without an answer and typed lines. */
  readonly stateDirectory: string;
  readonly command: ClientCommand;
}

/** The text of --help or --version, to be printed instead of running a command. */
interface PrintedText {
  readonly text: string;
}

/** The sources of a configuration. */
interface ClientSources extends DirectorySources {
  readonly version: string;
  /** How the exit codes read in `--help`. */
  readonly exitCodes: string;
  /** The file's text, with its byte order mark if it has one; undefined when there is none. */
  readonly findFile: (path: string) => string | undefined;
}

/** Every setting with its variable, its key in the configuration file, and its default. */
const SETTINGS = {
  server: { env: "PARLEY_SERVER", key: "server", default: `127.0.0.1:${DEFAULT_PORT}` },
  name: { env: "PARLEY_NAME", key: "name", default: undefined },
  ca: { env: "PARLEY_CA", key: "ca", default: undefined },
  plain: { env: "PARLEY_PLAIN", key: "plain", default: undefined },
  notify: { env: "PARLEY_NOTIFY_COMMAND", key: "notify_command", default: undefined },
} as const;
type SettingName = keyof typeof SETTINGS;

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
  const configDirectory = findDirectory(CONFIG_BASE, sources);
  const file = readConfigFile(`${configDirectory}/${CONFIG_FILE}`, sources);
  const isTls = given.tls ?? false;
  const check = (text: string, source: string) => parseServer(text, source, { isTls });
  const server = resolve("server", { given: given.server, file, sources, check }) ??
    check(isTls ? "127.0.0.1" : SETTINGS.server.default, "--server");
  const caPath = resolve("ca", { given: given.ca, file, sources, check: (text) => text });
  const name = resolve("name", { given: given.name, file, sources, check: parseName });
  const notifyCommand = resolve("notify", {
    given: undefined,
    file,
    sources,
    check: (text) => text,
  });
  const plain = given.plain ?? resolve("plain", {
    given: undefined,
    file,
    sources,
    check: parseSwitch,
  });
  return {
    plain,
    notifyCommand,
    server: completeTrust(server, {
      caPath: isCaUsed({ server, given }) ? caPath : undefined,
      sources: { ...sources, configDirectory },
    }),
    caPath,
    name,
    remembersName: given.name !== undefined,
    configDirectory,
    stateDirectory: findDirectory(STATE_BASE, sources),
    command: given.command,
  };
}

/** An option is for the server, unless that of a join string is meant; a setting is for servers that need it. */
function isCaUsed(
  { server, given }: { server: ChosenServer; given: Pick<ParsedCommandLine, "ca" | "command"> },
): boolean {
  const needsIt = server.tls !== undefined && server.tls.pin === undefined;
  return needsIt || given.ca !== undefined && given.command.kind !== "join";
}

/** The flag's value, else the variable's, else the file's; an error names which of them is wrong. */
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

/** @throws {ConfigError} */
function parseSwitch(text: string, source: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|false|no|off)$/i.test(text)) return false;
  throw new ConfigError("usage", `${source} ${JSON.stringify(text)} must be 1 or 0`);
}

function parseName(text: string, source: string): string {
  if (isAccountName(text)) return text;
  throw new ConfigError("usage", `${source} ${JSON.stringify(text)} is no name: ${NAME_RULE}`);
}

/** `a, b and c`. */
function listOf(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
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
  if (!isFields(value)) {
    throw new ConfigError("config", `${path} must hold an object with ${listOf(known)}`);
  }
  return new Map(
    Object.entries(value).map(([key, setting]) => {
      if (!known.includes(key)) {
        const wanted = `it may hold ${listOf(known)}`;
        throw new ConfigError("config", `${path} holds ${JSON.stringify(key)}: ${wanted}`);
      }
      const isSwitch = key === SETTINGS.plain.key;
      if (isSwitch && typeof setting === "boolean") return [key, String(setting)];
      if (!isText(setting)) {
        throw new ConfigError("config", `${path}: "${key}" must be a string`);
      }
      return [key, setting];
    }),
  );
}
