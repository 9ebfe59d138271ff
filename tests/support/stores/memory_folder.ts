// A folder in memory for what tests write: a test is rarely about a disk, and a database that waits for
// one takes thirty times as long. Deno lets a program read there only with --allow-all, so that what a
// program under its own permissions reads, such as a home, is in the ordinary temporary folder.

import { existsSync, statfsSync } from "node:fs";

const PLACE = "/dev/shm";
const NEEDED_BYTES = 2 ** 30;

/** A folder in memory with enough space; undefined where there is none. */
export function findMemoryFolder(): string | undefined {
  if (!existsSync(PLACE)) return undefined;
  const { bavail, bsize } = statfsSync(PLACE);
  return bavail * bsize >= NEEDED_BYTES ? PLACE : undefined;
}
