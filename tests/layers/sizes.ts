// How large files and folders of the program may be. Run by tests/layers_test.ts.

import { assertEquals } from "@std/assert";
import { listSources } from "./source.ts";

const MOST_LINES = 300;
/** Folders in a folder count apart. */
const MOST_FILES = 15;

/** The paths that are above the limit. */
function above(most: number, sizes: ReadonlyMap<string, number>): readonly string[] {
  return [...sizes].filter(([, size]) => size > most).map(([path, size]) => `${path}: ${size}`);
}

const lines = new Map<string, number>();
const files = new Map<string, number>();
for await (const path of listSources("lib")) {
  lines.set(path, (await Deno.readTextFile(path)).split("\n").length - 1);
  const folder = path.slice(0, path.lastIndexOf("/"));
  files.set(folder, (files.get(folder) ?? 0) + 1);
}

Deno.test(`sizes: a file of lib has at most ${MOST_LINES} lines`, () => {
  assertEquals(above(MOST_LINES, lines), []);
});

Deno.test(`sizes: a folder of lib has at most ${MOST_FILES} files`, () => {
  assertEquals(above(MOST_FILES, files), []);
});
