// The lines typed before, for the arrow keys of the next run. One file for all runs, a JSON string a
// line; a line that begins with a space is not kept.

import { isText, parseChecked } from "../../wire/shape.ts";
import { FileFault } from "./file_fault.ts";
import type { PrivateFiles } from "./private_files.ts";

const FILE = "lines.jsonl";
const KEPT = 500;
/** The file is shortened when it has more lines than this. */
const MOST = 2 * KEPT;

/** The lines of earlier runs, the newest first; none when they cannot be read. */
export async function readLineHistory(files: PrivateFiles): Promise<readonly string[]> {
  const text = await files.find(FILE).catch(unlessFileFault);
  const rows = (text ?? "").split("\n").filter((row) => row !== "");
  const kept = rows.slice(-KEPT);
  if (rows.length > MOST) {
    // A file that cannot be cut back grows on, if it can.
    await files.write(FILE, kept.map((row) => row + "\n").join("")).catch(unlessFileFault);
  }
  return kept.map(parseRow).filter((line) => line !== "").reverse();
}

/** Remembers a line. */
export async function addToLineHistory(files: PrivateFiles, line: string): Promise<void> {
  if (/^\s|^$/.test(line)) return;
  await files.append(FILE, JSON.stringify(line) + "\n");
}

function unlessFileFault(error: unknown): undefined {
  if (!(error instanceof FileFault)) throw error;
}

function parseRow(row: string): string {
  const line = parseChecked(row, isText) ?? "";
  return /\p{Cc}/u.test(line) ? "" : line;
}
