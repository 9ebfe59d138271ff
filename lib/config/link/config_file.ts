// The client's configuration file: JSON, checked, with the person's servers in it. Knows no defaults.

import { type Fields, isFields } from "../../wire/json.ts";
import { isText } from "../../wire/shape.ts";
import { ConfigError } from "../config_error.ts";
import { parseProfiles, type Profile, PROFILES_KEY } from "./profiles.ts";

/** The name of the file in the configuration's directory. */
export const CONFIG_FILE = "client.json";

/** What the file may hold. */
export interface ConfigKeys {
  /** Keys with a text. */
  readonly texts: readonly string[];
  /** Those of them that may be true or false, too. */
  readonly switches: readonly string[];
  /** Those that a server's profile may hold, too. */
  readonly byServer: readonly string[];
}

export interface ConfigFile {
  readonly settings: ReadonlyMap<string, string>;
  readonly profiles: readonly Profile[];
}

/**
 * The file's object.
 * @param path for the message
 * @throws {ConfigError}
 */
export function parseConfigJson(text: string, path: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new ConfigError("config", `${path} is not JSON`);
  }
  if (isFields(value)) return value;
  throw new ConfigError("config", `${path} must hold an object, as {"name":"ada"}`);
}

/** @param text undefined when there is no file @throws {ConfigError} */
export function parseConfigFile(
  text: string | undefined,
  { path, keys }: { readonly path: string; readonly keys: ConfigKeys },
): ConfigFile {
  if (text === undefined) return { settings: new Map(), profiles: [] };
  const { [PROFILES_KEY]: profiles = {}, ...settings } = parseConfigJson(text, path);
  const readSettings = (known: readonly string[]) => (fields: Fields, source: string) =>
    readTexts(fields, { source, known, switches: keys.switches });
  return {
    settings: readSettings([...keys.texts, PROFILES_KEY])(settings, path),
    profiles: parseProfiles(profiles, {
      path,
      readSettings: (fields, source) => readSettings(keys.byServer)(fields, source),
    }),
  };
}

function readTexts(
  fields: Fields,
  { source, known, switches }: {
    readonly source: string;
    readonly known: readonly string[];
    readonly switches: readonly string[];
  },
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(fields).map(([key, setting]) => {
      if (!known.includes(key)) {
        const wanted = `it may hold ${listOf(known)}`;
        throw new ConfigError("config", `${source} holds ${JSON.stringify(key)}: ${wanted}`);
      }
      if (switches.includes(key) && typeof setting === "boolean") return [key, String(setting)];
      if (isText(setting)) return [key, setting];
      throw new ConfigError("config", `${source}: "${key}" must be a string`);
    }),
  );
}

/** `a, b and c`. */
function listOf(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}
