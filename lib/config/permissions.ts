// Checks the permissions that the configuration needs before anything is opened, because later they fail
// in many ways (a host name by EPERM of the resolver, the bus in the background, again and again).

import { dirname } from "node:path";
import { ConfigError } from "./config_error.ts";
import {
  addressesOf,
  flagsFor,
  formatStartCommand,
  type ServerAddresses,
  type ServerStart,
} from "./start_command.ts";

/** A permission to query. */
export type PermissionQuestion =
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "read" | "write"; readonly path: string };

interface PermissionSources {
  readonly started: ServerStart;
  /** Whether the permissions are baked into the program, so that no flag can be added. */
  readonly isBinary: boolean;
  readonly query: (question: PermissionQuestion) => string;
}

/** @throws {ConfigError} naming what is missing, and a command that has it */
export function requirePermissions(config: ServerAddresses, sources: PermissionSources): void {
  const places = addressesOf(config);
  const refused = places.filter((host) => !isGranted({ name: "net", host }, sources));
  const folder = config.database.kind === "sqlite" ? dirname(config.database.path) : undefined;
  const isFolderRefused = folder !== undefined &&
    (["read", "write"] as const).some((name) => !isGranted({ name, path: folder }, sources));
  if (refused.length === 0 && !isFolderRefused) return;
  const { started } = sources;
  if (!isFolderRefused) {
    const command = formatStartCommand(started, { places });
    throw new ConfigError(
      "config",
      `No permission to use ${
        refused.join(" and ")
      } (--allow-net=${refused.join()}): start with ${command}`,
    );
  }
  const refusal = `No permission to use the folder ${JSON.stringify(folder)}`;
  if (sources.isBinary) {
    throw new ConfigError(
      "config",
      `${refusal}: this program keeps its files in the folder data where it is started`,
    );
  }
  const flags = flagsFor(folder, { access: "read and write" });
  if (flags === undefined) {
    throw new ConfigError(
      "config",
      `${refusal}: a path with a blank or a comma cannot be allowed, only one without`,
    );
  }
  throw new ConfigError(
    "config",
    `${refusal} (${flags.join(" ")}): start with ${formatStartCommand(started, { places, flags })}`,
  );
}

function isGranted(question: PermissionQuestion, { query }: PermissionSources): boolean {
  try {
    return query(question) === "granted";
  } catch {
    // The runtime cannot check this name: the code that uses it will report the error.
    return true;
  }
}
