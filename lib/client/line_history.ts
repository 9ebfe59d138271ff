// The lines typed before, for the arrow keys of the next run. One file for all runs, a JSON string a
// line; a line that begins with a space is nobody's business.

import type { PrivateFiles } from "./private_files.ts";

const FILE = "lines.jsonl";
const KEPT = 500;
/** The file is cut back when it has grown so much beyond what is kept. */
const MOST = 2 * KEPT;

/** The lines of earlier runs, the newest first. */
export async function readLineHistory(files: PrivateFiles): Promise<readonly string[]> {
  const rows = (await files.find(FILE) ?? "").split("\n").filter((row) => row !== "");
  const kept = rows.slice(-KEPT);
  if (rows.length > MOST) await files.write(FILE, kept.map((row) => row + "\n").join(""));
  return kept.map(parseRow).filter((line) => line !== "").reverse();
}

/** Remembers a line. */
export async function addToLineHistory(files: PrivateFiles, line: string): Promise<void> {
  if (/^\s|^$/.test(line)) return;
  await files.append(FILE, JSON.stringify(line) + "\n");
}

function parseRow(row: string): string {
  try {
    const line: unknown = JSON.parse(row);
    return typeof line === "string" && !/\p{Cc}/u.test(line) ? line : "";
  } catch {
    return "";
  }
}
