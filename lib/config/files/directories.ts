// Where the client keeps its files (XDG Base Directory). Knows nothing of what is in them.

import { ConfigError } from "../config_error.ts";

/** The base directories: their variable, and their place in HOME without it. */
export const CONFIG_BASE = { env: "XDG_CONFIG_HOME", inHome: ".config" } as const;
export const STATE_BASE = { env: "XDG_STATE_HOME", inHome: ".local/state" } as const;
const DIRECTORY = "parley";

export interface DirectorySources {
  /** The variable's value; undefined when it is not set. */
  readonly env: (name: string) => string | undefined;
  /** Whether there is such a folder. */
  readonly hasFolder: (path: string) => boolean;
}

/**
 * The directory in the variable's base, else in HOME. One in HOME that exists is used while there is
 * none yet in the variable's base. @throws {ConfigError} without a variable and HOME
 */
export function findDirectory(
  { env, inHome }: typeof CONFIG_BASE | typeof STATE_BASE,
  { env: read, hasFolder }: DirectorySources,
): string {
  const base = read(env);
  const home = read("HOME");
  const former = home === undefined || home === "" ? undefined : `${home}/${inHome}/${DIRECTORY}`;
  // By the specification a relative path counts as none.
  if (base === undefined || !base.startsWith("/")) {
    if (former !== undefined) return former;
    const missing = "tokens and unsent messages have no place";
    throw new ConfigError("config", `HOME is not set, nor is ${env}: ${missing}`);
  }
  const directory = `${base.replace(/\/+$/, "")}/${DIRECTORY}`;
  const isFormer = former !== undefined && !hasFolder(directory) && hasFolder(former);
  return isFormer ? former : directory;
}
