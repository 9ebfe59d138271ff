// Reads the files of a database's configuration, its password and its certificate authorities, with the
// function that it is given.

import { ConfigError } from "./config_error.ts";
import type { DatabaseConfig } from "./database.ts";
import {
  addressesOf,
  flagsFor,
  formatStartCommand,
  type ServerAddresses,
  type ServerStart,
} from "./start_command.ts";
import { messageOf } from "../error_message.ts";

interface CredentialSources {
  /** Its path; empty when there is none. */
  readonly passwordFile: string;
  /** The password when there is no file. */
  readonly password: string | undefined;
  readonly readFile: (path: string) => Uint8Array;
  readonly started: ServerStart;
}

/** The database with its password and authorities. @throws {ConfigError} */
export function readDatabaseCredentials(
  places: ServerAddresses,
  files: CredentialSources,
): DatabaseConfig {
  return withAuthorities({ ...places, database: withPassword(places, files) }, files);
}

/** The password from the environment or a file, when the address holds none. */
function withPassword(places: ServerAddresses, files: CredentialSources): DatabaseConfig {
  const { database } = places;
  if (database.kind !== "mysql" || database.password !== undefined) return database;
  const { passwordFile, password } = files;
  if (passwordFile === "") return { ...database, password };
  const option = "--database-password-file";
  const content = readText(passwordFile, { option, places, files }).replace(/\r?\n$/, "");
  if (content === "") throw new ConfigError("config", `${option} is empty`);
  return { ...database, password: content };
}

/** With the content of the file in `?tls=`. */
function withAuthorities(places: ServerAddresses, files: CredentialSources): DatabaseConfig {
  const { database } = places;
  const caFile = database.kind === "mysql" ? database.tls?.caFile : undefined;
  if (database.kind !== "mysql" || caFile === undefined) return database;
  const option = "--database ?tls=";
  const ca = readText(caFile, { option, places, files });
  if (!ca.includes("-----BEGIN CERTIFICATE-----")) {
    const path = JSON.stringify(caFile);
    throw new ConfigError("config", `${option} ${path} holds no certificate in PEM`);
  }
  return { ...database, tls: { isVerified: true, caFile, ca } };
}

interface Reading {
  readonly option: string;
  readonly places: ServerAddresses;
  readonly files: CredentialSources;
}

function readText(path: string, { option, places, files }: Reading): string {
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder("utf-8", { fatal: true }).decode(files.readFile(path));
  } catch (error) {
    const why = whyUnread(error, { path, places, started: files.started });
    throw new ConfigError("config", `${option} ${JSON.stringify(path)} ${why}`);
  }
}

function whyUnread(
  error: unknown,
  { path, places, started }: { path: string; places: ServerAddresses; started: ServerStart },
): string {
  if (error instanceof Deno.errors.NotCapable) {
    const flags = flagsFor(path, { access: "read" });
    if (flags === undefined) return "has a blank or a comma in its path: no permission can name it";
    const command = formatStartCommand(started, { places: addressesOf(places), flags });
    return `is not among the files that may be read: start with ${command}`;
  }
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof TypeError) return "is not UTF-8 text";
  return `cannot be read: ${messageOf(error)}`;
}
