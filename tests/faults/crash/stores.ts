// The stores that the run can be made on, each in a place of its own.

import type { CrashStore } from "./run.ts";
import { readSqlite } from "./stored.ts";

/** The file that the server makes by default, below the directory it is started in. */
export function sqliteStore(directory: string): CrashStore {
  const path = "data/parley.db";
  return { url: `sqlite:${path}`, read: () => Promise.resolve(readSqlite(`${directory}/${path}`)) };
}
