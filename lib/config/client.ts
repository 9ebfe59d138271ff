// The client's command line, environment and configuration file, as a checked configuration. Every
// setting and its default stands in one table; nothing else reads the environment.

import { isAccountName } from "../wire/text.ts";
import { type ChosenServer, completeTrust } from "./link/chosen_server.ts";
import {
  type Choice,
  chooseServer,
  defaultServer,
  useFileOf,
  USES_FOLDER,
} from "./link/choose_server.ts";
import { CONFIG_FILE, type ConfigKeys, parseConfigFile } from "./link/config_file.ts";
import type { Profile } from "./link/profiles.ts";
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
import type { PrintedText } from "./shell/parse_command_line.ts";

export interface ClientConfig {
  readonly server: ChosenServer;
  /** The person's servers. */
  readonly profiles: readonly Profile[];
  /** The one of them that `server` is. */
  readonly profile?: Profile | undefined;
  /** Why no server is chosen: then nothing is sent to `server`. Only where a join string may name one. */
  readonly undecided?: string | undefined;
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
  /** Whether the name is that of the environment, which counts before the one kept for the server. */
  readonly isNameInEnvironment: boolean;
  /** The directory of the tokens and the configuration file. */
  readonly configDirectory: string;
  /** The directory of messages without an answer and typed lines. */
  readonly stateDirectory: string;
  readonly command: ClientCommand;
}

/** The sources of a configuration. */
interface ClientSources extends DirectorySources {
  readonly version: string;
  /** How the exit codes read in `--help`. */
  readonly exitCodes: string;
  /** Whether a person is there: a standard stream is a terminal. */
  readonly isAttended: () => boolean;
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

const KEYS: ConfigKeys = {
  texts: Object.values(SETTINGS).map(({ key }) => key),
  switches: [SETTINGS.plain.key],
  byServer: [SETTINGS.name, SETTINGS.plain, SETTINGS.notify, SETTINGS.ca].map(({ key }) => key),
};

/** Commands that connect to no server, or that a join string may give one. */
const WITHOUT_SERVER: readonly ClientCommand["kind"][] = [
  "join",
  "servers",
  "status",
  "completion",
];

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
  const stateDirectory = findDirectory(STATE_BASE, sources);
  const path = `${configDirectory}/${CONFIG_FILE}`;
  const { settings, profiles } = parseConfigFile(sources.findFile(path), { path, keys: KEYS });
  const choice = chooseFrom(profiles, { given, settings, sources, stateDirectory });
  const { profile } = choice;
  // What is set for the server counts before what is set for all.
  const file = new Map([...settings, ...profile?.settings ?? []]);
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
    profiles,
    profile,
    undecided: choice.undecided,
    server: completeTrust(choice.server, {
      keptPin: profile?.server.tls?.pin,
      caPath: isCaUsed({ server: choice.server, given }) ? caPath : undefined,
      sources: { ...sources, configDirectory },
    }),
    caPath,
    name,
    remembersName: given.name !== undefined,
    isNameInEnvironment: given.name === undefined && isSet("name", sources),
    configDirectory,
    stateDirectory,
    command: given.command,
  };
}

/** @throws {ConfigError} */
function chooseFrom(
  profiles: readonly Profile[],
  { given, settings, sources, stateDirectory }: {
    readonly given: Pick<ParsedCommandLine, "server" | "tls" | "command">;
    readonly settings: ReadonlyMap<string, string>;
    readonly sources: ClientSources;
    readonly stateDirectory: string;
  },
): Choice {
  const isTls = given.tls ?? false;
  const check = (text: string, source: string) => chooseServer(text, { source, profiles, isTls });
  const chosen = resolve("server", { given: given.server, file: settings, sources, check });
  if (chosen !== undefined) return chosen;
  const [first, ...others] = profiles;
  if (isTls || first === undefined) {
    return check(isTls ? "127.0.0.1" : SETTINGS.server.default, "--server");
  }
  const choice = defaultServer([first, ...others], {
    usedAt: (server) => sources.findFile(`${stateDirectory}/${USES_FOLDER}/${useFileOf(server)}`),
    isAttended: sources.isAttended,
  });
  const needsNone = WITHOUT_SERVER.includes(given.command.kind);
  if (choice.undecided === undefined || needsNone) return choice;
  throw new ConfigError("usage", choice.undecided);
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
  const [text, source] = isSet(setting, sources)
    ? [sources.env(env), env]
    : [file.get(key), `"${key}" in ${CONFIG_FILE}`];
  if (text === undefined) return undefined;
  try {
    return check(text, source);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError("config", error.message) : error;
  }
}

/** Whether a setting has a variable. */
function isSet(setting: SettingName, sources: ClientSources): boolean {
  return (sources.env(SETTINGS[setting].env) ?? "") !== "";
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
