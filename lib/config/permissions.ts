// Checks the permissions that the configuration needs before anything is opened. Later they would fail in
// many ways: a host name by EPERM of the resolver, the bus in the background at every attempt.

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

/** What a program uses of its machine. */
export interface Needs {
  /** `host:port` each. */
  readonly places?: readonly string[];
  /** Folders whose files are read and written. */
  readonly folders?: readonly string[];
  /** Files that are only read. */
  readonly files?: readonly string[];
}

/** What a server of this configuration uses. */
export function needsOf(
  config: ServerAddresses & { readonly deskPath?: string | undefined },
): Needs {
  const { database, tls, deskPath } = config;
  return {
    places: addressesOf(config),
    folders: database.kind === "sqlite" ? [dirname(database.path)] : [],
    files: [
      ...(tls === undefined ? [] : [tls.certificatePath, tls.keyPath]),
      ...(deskPath === undefined ? [] : [deskPath]),
    ],
  };
}

/** @throws {ConfigError} naming what is missing, and a command that has it */
export function requirePermissions(
  { places = [], folders = [], files = [] }: Needs,
  sources: PermissionSources,
): void {
  const refused = places.filter((host) => !isGranted({ name: "net", host }, sources));
  const refusedPaths = [
    ...folders.map((path) => ({ path, access: "read and write" as const, what: "the folder" })),
    ...files.map((path) => ({ path, access: "read" as const, what: "the file" })),
  ].filter(({ path, access }) =>
    !isGranted({ name: "read", path }, sources) ||
    (access !== "read" && !isGranted({ name: "write", path }, sources))
  );
  if (refusedPaths.length > 0) throw pathsRefused(refusedPaths, { places, sources });
  if (refused.length === 0) return;
  const command = formatStartCommand(sources.started, { places });
  throw new ConfigError(
    "config",
    `No permission to use ${
      refused.join(" and ")
    } (--allow-net=${refused.join()}): start with ${command}`,
  );
}

interface RefusedPath {
  readonly path: string;
  readonly access: "read" | "read and write";
  readonly what: string;
}

function pathsRefused(
  paths: readonly RefusedPath[],
  { places, sources: { started, isBinary } }: {
    readonly places: readonly string[];
    readonly sources: PermissionSources;
  },
): ConfigError {
  const named = paths.map(({ path, what }) => `${what} ${JSON.stringify(path)}`).join(" and ");
  const refusal = `No permission to use ${named}`;
  if (isBinary) {
    return new ConfigError(
      "config",
      `${refusal}: this program keeps its files in the folder data where it is started`,
    );
  }
  const flags: string[] = [];
  for (const { path, access } of paths) {
    const own = flagsFor(path, { access });
    if (own === undefined) {
      return new ConfigError(
        "config",
        `${refusal}: a path with a blank or a comma cannot be allowed, only one without`,
      );
    }
    flags.push(...own);
  }
  const command = formatStartCommand(started, { places, flags });
  return new ConfigError("config", `${refusal} (${flags.join(" ")}): start with ${command}`);
}

function isGranted(question: PermissionQuestion, { query }: PermissionSources): boolean {
  try {
    return query(question) === "granted";
  } catch {
    // The runtime cannot check this name: the code that uses it will report the error.
    return true;
  }
}
