// The files of an SQLite database: only their owner may read them, no symlink is followed, and one
// process at a time has them. Knows nothing of what is in them.

import { basename, dirname } from "node:path";
import { isSqlError, OpenError } from "../sql.ts";
import { secondName } from "./file_watch.ts";
import { messageOf } from "../../error_message.ts";

/** The files are ours until this is closed, or the process ends in whatever way. */
export interface FileClaim extends Disposable {
  readonly path: string;
  /** What an operator should know. */
  readonly warnings: readonly string[];
}

/**
 * Creates what is missing (directory 0700, file 0600), restricts what is there, and locks the database
 * against every other process. SQLite gives its -wal and -shm files the mode of the database.
 *
 * @throws {OpenError} `in_use` naming the process that has it; `refused`
 */
export function claimFiles(path: string): FileClaim {
  try {
    const open = [claimDirectory(dirname(path))];
    for (const suffix of ["", "-wal", "-shm", ".lock"]) open.push(checkFile(path + suffix));
    const warnings = open.filter((warning) => warning !== undefined);
    const lock = lockFile(path);
    try {
      createIfMissing(path);
    } catch (error) {
      lock.close();
      throw error;
    }
    return { path, warnings, [Symbol.dispose]: () => lock.close() };
  } catch (error) {
    throw openErrorOf(path, error);
  }
}

/** An error of the file system or of Deno's permissions as one line, with what to do. */
export function openErrorOf(path: string, error: unknown): OpenError {
  if (error instanceof OpenError) return error;
  if (error instanceof Deno.errors.NotCapable) {
    const directory = dirname(path);
    return new OpenError(
      "refused",
      `Cannot use database "${path}": start with ` +
        `--allow-read="${directory}" --allow-write="${directory}"`,
      error,
    );
  }
  if (isSqlError(error, "conflict")) {
    return new OpenError("in_use", `Database "${path}" is in use by another program`);
  }
  const why = messageOf(error);
  return new OpenError("refused", `Cannot use database "${path}": ${why}`, error);
}

/** Windows has no modes; there the directory's owner decides. */
function modeOf(info: Deno.FileInfo): number {
  return (info.mode ?? 0) & 0o7777;
}

function findInfo(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** @returns what an operator should know, if there is something */
function claimDirectory(directory: string): string | undefined {
  const info = findInfo(directory);
  if (info === undefined) {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    return undefined;
  }
  if (info.isSymlink) {
    throw new OpenError("refused", `Directory "${directory}" is a symlink: name its target`);
  }
  if (!info.isDirectory) throw new OpenError("refused", `"${directory}" is not a directory`);
  const mode = modeOf(info);
  if ((mode & 0o1000) !== 0) {
    throw new OpenError(
      "refused",
      `Directory "${directory}" is shared with others: give the database a directory of its own`,
    );
  }
  // The working directory (`.`) is not changed: the modes of the files must be enough.
  return directory === "." ? undefined : closeToOthers(directory, { mode, wanted: 0o700 });
}

/**
 * Takes from others what they may do with it. What is another user's stays as it is: volumes of
 * containers are, and may be writable for a group or for all users.
 */
function closeToOthers(
  path: string,
  { mode, wanted }: { readonly mode: number; readonly wanted: number },
): string | undefined {
  if ((mode & 0o077) === 0) return undefined;
  try {
    Deno.chmodSync(path, wanted);
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    const open = (mode & 0o777).toString(8).padStart(4, "0");
    return `"${path}" is another user's and open to others (mode ${open}): who may write there can ` +
      "replace the database";
  }
}

/** @returns what an operator should know, if there is something */
function checkFile(path: string): string | undefined {
  const info = findInfo(path);
  if (info === undefined) return undefined;
  if (info.isSymlink) {
    throw new OpenError("refused", `"${path}" is a symlink: name the file itself`);
  }
  if (!info.isFile) throw new OpenError("refused", `"${path}" is not a file`);
  if ((info.nlink ?? 1) > 1) throw new OpenError("refused", secondName(path));
  return closeToOthers(path, { mode: modeOf(info), wanted: 0o600 });
}

function createIfMissing(path: string): void {
  if (findInfo(path) !== undefined) return;
  Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
}

/**
 * The lock is on a file of its own: closing any handle of the database's file would drop SQLite's
 * locks on it. The kernel ends the lock with the process, so the file may stay behind.
 */
function lockFile(path: string): Deno.FsFile {
  const file = Deno.openSync(`${path}.lock`, {
    read: true,
    write: true,
    create: true,
    mode: 0o600,
  });
  try {
    if (!file.tryLockSync(true)) {
      const holder = readHolder(file);
      throw new OpenError(
        "in_use",
        `Database "${basename(path)}" is in use by ${holder}: one server has it at a time`,
      );
    }
    file.truncateSync(0);
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHolder(file: Deno.FsFile): string {
  const bytes = new Uint8Array(32);
  const length = file.readSync(bytes) ?? 0;
  const pid = /^\d+(?=\n)/.exec(new TextDecoder().decode(bytes.subarray(0, length)));
  return pid === null ? "another process" : `process ${pid[0]}`;
}
