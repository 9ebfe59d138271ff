// Takes lines from a splitter, for tests.

import type { FrameError } from "../../../lib/wire/errors.ts";
import type { LineSplitter } from "../../../lib/wire/lines.ts";

/** The lines that are complete, in order. */
export function takeLines(lines: LineSplitter): (string | FrameError)[] {
  const taken = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) taken.push(line);
  return taken;
}

/** Adds a chunk and takes the lines that are complete. */
export function pushChunk(lines: LineSplitter, chunk: Uint8Array): (string | FrameError)[] {
  lines.add(chunk);
  return takeLines(lines);
}
