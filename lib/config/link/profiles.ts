// The servers that a person has, each under a name: where it is, who the person is there, and what is set
// for it alone. Knows the configuration file's JSON, not where it is.

import { type Fields, isFields } from "../../wire/json.ts";
import { ConfigError } from "../config_error.ts";
import { type ChosenServer, formatServer, parseServer } from "./chosen_server.ts";

/** A server of the configuration file. */
export interface Profile {
  /** How the person calls the server. */
  readonly name: string;
  /** With the pin of its key, if one was kept. */
  readonly server: ChosenServer;
  /** What is set for this server alone, by key. */
  readonly settings: ReadonlyMap<string, string>;
}

/** The key of the profiles in the configuration file. */
export const PROFILES_KEY = "servers";
const ADDRESS_KEY = "address";
/** A name is no address: it has neither dot nor colon. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/i;
export const PROFILE_NAME_RULE =
  "a server's name is 1 to 32 letters, digits, - and _, no - or _ first or last";

/**
 * Reads the profiles of a configuration file.
 * @param readSettings reads what a profile may hold beside its address
 * @throws {ConfigError}
 */
export function parseProfiles(
  value: unknown,
  { path, readSettings }: {
    readonly path: string;
    readonly readSettings: (fields: Fields, source: string) => ReadonlyMap<string, string>;
  },
): readonly Profile[] {
  const source = `${path}: "${PROFILES_KEY}"`;
  if (!isFields(value)) {
    throw new ConfigError("config", `${source} must hold an object for each server, by its name`);
  }
  return Object.entries(value).map(([name, profile]) => {
    const here = `${source}, ${JSON.stringify(name)}`;
    if (!isProfileName(name)) throw new ConfigError("config", `${here}: ${PROFILE_NAME_RULE}`);
    const { [ADDRESS_KEY]: address, ...settings } = isFields(profile) ? profile : {};
    if (typeof address !== "string") {
      throw new ConfigError("config", `${here} must hold an "${ADDRESS_KEY}"`);
    }
    return { name, server: parseAddressOf(address, here), settings: readSettings(settings, here) };
  });
}

/** @throws {ConfigError} */
function parseAddressOf(text: string, source: string): ChosenServer {
  try {
    return parseServer(text, `${source}, "${ADDRESS_KEY}"`, { isTls: false });
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError("config", error.message) : error;
  }
}

/** Whether a server can be called so. */
export function isProfileName(text: string): boolean {
  return NAME.test(text);
}

/** The profile of that name, in any case. */
export function findProfile(profiles: readonly Profile[], name: string): Profile | undefined {
  return profiles.find((profile) => profile.name.toLowerCase() === name.toLowerCase());
}

/** The profile of the server at this address, whatever its key is. */
export function findProfileAt(
  profiles: readonly Profile[],
  server: ChosenServer,
): Profile | undefined {
  return profiles.find((profile) => placeOf(profile.server) === placeOf(server));
}

/** The server without its key. */
function placeOf({ address, tls }: ChosenServer): string {
  const place = tls === undefined ? { address } : { address, tls: {} };
  return formatServer(place).toLowerCase();
}

/** A name for a new profile: the first part of the host, with a number if another server has it. */
export function proposeProfileName(
  { address: { hostname } }: ChosenServer,
  profiles: readonly Profile[],
): string {
  const isLoopback = hostname === "::1" || /^127(?:\.\d+){3}$/.test(hostname);
  const isNumeric = hostname.includes(":") || /^[\d.]+$/.test(hostname);
  const host = isLoopback ? "local" : isNumeric ? hostname : hostname.split(".")[0] ?? "";
  const name = host.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 24)
    .replace(/-+$/, "").toLowerCase() || "server";
  for (let number = 1;; number++) {
    const proposed = number === 1 ? name : `${name}-${number}`;
    if (findProfile(profiles, proposed) === undefined) return proposed;
  }
}

/** How the server is called among several of the person's; undefined when it is the only one. */
export function nameAmongSeveral(
  server: ChosenServer,
  { profile, profiles }: {
    readonly profile?: Profile | undefined;
    readonly profiles: readonly Profile[];
  },
): string | undefined {
  if (profile !== undefined) return profiles.length > 1 ? profile.name : undefined;
  if (profiles.length === 0) return undefined;
  // One with another key than the kept one has no name.
  const isOtherKey = findProfileAt(profiles, server) !== undefined;
  return isOtherKey ? server.address.hostname : proposeProfileName(server, profiles);
}

/** `chat, work`. */
export function listProfiles(profiles: readonly Profile[]): string {
  return profiles.map(({ name }) => name).join(", ");
}
