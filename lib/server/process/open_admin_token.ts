// The admin token that belongs to the configured database: its path, its file, its lines in the log.

import { dirname, join } from "node:path";
import { ConfigError } from "../../config/config_error.ts";
import type { DatabaseConfig } from "../../config/database.ts";
import type { Log } from "../../log.ts";
import { AdminTokenFile, type AdminTokenOutcome } from "./admin_token.ts";

/** The folder of the token when the messages are not in a file. */
const DATA_DIRECTORY = "data";

/** Beside the messages, when they are in a file. */
export function adminTokenPath(database: DatabaseConfig): string {
  const directory = database.kind === "sqlite" ? dirname(database.path) : DATA_DIRECTORY;
  return join(directory, "admin.token");
}

/** @throws {ConfigError} when there is no token and it cannot be written */
export async function openAdminToken(path: string): Promise<AdminTokenFile> {
  try {
    return await AdminTokenFile.open(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error.message.replace(/ \(os error \d+\).*$/s, "");
    throw new ConfigError(
      "config",
      `Cannot write the admin token in ${path}: ${why}; nothing was changed. Allow ` +
        `this user to write to the folder, or start in a folder where it may create "${DATA_DIRECTORY}"`,
    );
  }
}

export function logAdminToken(
  log: Log,
  { path, outcome }: { path: string; outcome: AdminTokenOutcome },
): void {
  if (outcome === "written") log.info("admin token written", { path });
  if (outcome === "added") {
    log.warn("admin token added to the database", { path });
  }
  if (outcome === "unusable") {
    const hint =
      "not a valid token, or readable by others; delete the file and restart for a new one";
    log.warn("admin token not used", { path, hint });
  }
}
