// Refuses a database whose log continues another file, before SQLite copies the log into it. Runs before
// this process has a connection: it opens and closes the file, which drops SQLite's locks.

import { basename } from "node:path";
import { sleep } from "../../time.ts";
import { OpenError } from "../sql.ts";
import { HEADER_BYTES, isContinuedBy } from "./log_match.ts";
import { readCommits, readFully } from "./log_reader.ts";

/** Another program may be copying the log just now: a log that does not fit is checked again. */
const CHECKS = 4;
const APART_MS = 50;

/** @throws {OpenError} `refused`, with the way out */
export async function refuseMismatchedLog(path: string): Promise<void> {
  for (let check = 1;; check++) {
    const found = compare(path);
    if (found === "fits") return;
    if (check === CHECKS) throw refusal(path, found);
    await sleep(APART_MS);
  }
}

type LogCheckResult = "fits" | "other file" | "no file";

function compare(path: string): LogCheckResult {
  try {
    if (Deno.lstatSync(`${path}-wal`).size === 0) return "fits";
    using file = Deno.openSync(path);
    const header = new Uint8Array(HEADER_BYTES);
    const length = readFully(file, header);
    if (isContinuedBy(header, readCommits(`${path}-wal`))) return "fits";
    return length < HEADER_BYTES ? "no file" : "other file";
  } catch (error) {
    // There is no log, or another program has just removed it.
    if (error instanceof Deno.errors.NotFound) return "fits";
    throw error;
  }
}

function refusal(path: string, found: LogCheckResult): OpenError {
  const name = basename(path);
  const what = found === "no file"
    ? `"${name}-wal" is the log of a database that is not there`
    : `"${name}-wal" continues another file than "${name}", as when a backup was put in its place`;
  return new OpenError(
    "refused",
    `Cannot use database "${path}": ${what}. Either put the log's own file back, or move ` +
      `"${name}-wal" and "${name}-shm" away, which gives up what only the log has; a backup then ` +
      "also needs a new epoch (docs/guarantees.md, Restoring a backup)",
  );
}
