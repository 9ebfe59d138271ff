// The files of the live lines that run now: one each, beside a lock that its process holds. A free lock
// shows that the process has ended without removing its files. Loads little: `status` runs in milliseconds.

import { attemptSync } from "../files/file_fault.ts";
import { parseChecked } from "../../wire/shape.ts";
import { isLineStatus, type LineStatus } from "./line_status.ts";

/** The folder of the files, below the directory of the client's state. */
export const STATUS_FOLDER = "status";

/**
 * The states of all live lines that run, one for each server and name. What ended processes have left is
 * removed. @throws {FileFault}
 */
export function readLiveLines(stateDirectory: string): readonly LineStatus[] {
  const directory = `${stateDirectory}/${STATUS_FOLDER}`;
  const found = new Map<string, LineStatus>();
  for (const name of listNames(directory)) {
    const status = readLiveLine(directory, name);
    if (status === undefined) continue;
    const key = JSON.stringify([status.server, status.name]);
    const other = found.get(key);
    if (other === undefined || isBetter(status, other)) found.set(key, status);
  }
  return [...found.values()].sort((a, b) => a.server < b.server ? -1 : a.server > b.server ? 1 : 0);
}

/** Of two terminals of one person the connected one counts, else the one that changed last. */
function isBetter(line: LineStatus, other: LineStatus): boolean {
  return line.online === other.online ? line.time > other.time : line.online;
}

function readLiveLine(directory: string, name: string): LineStatus | undefined {
  const path = `${directory}/${name}`;
  const lockPath = `${directory}/.${name}.lock`;
  if (!isLocked(lockPath)) {
    for (const left of [path, lockPath]) tryRemove(left);
    return undefined;
  }
  const text = attemptSync("read", path, () => Deno.readTextFileSync(path));
  return text === undefined ? undefined : parseChecked(text, isLineStatus);
}

function listNames(directory: string): readonly string[] {
  const entries = attemptSync("read", directory, () => [...Deno.readDirSync(directory)]) ?? [];
  return entries.filter(({ name, isFile }) => isFile && !name.startsWith("."))
    .map(({ name }) => name).sort();
}

/** Whether a process holds the lock. Readers share it, so that none takes another for the writer. */
function isLocked(path: string): boolean {
  const file = attemptSync("read", path, () => Deno.openSync(path, { read: true }));
  if (file === undefined) return false;
  try {
    return !file.tryLockSync(false);
  } finally {
    file.close();
  }
}

/** In a home that cannot be written it stays. */
function tryRemove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The next reader finds the same.
  }
}
