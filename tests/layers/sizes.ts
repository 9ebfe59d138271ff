// How large files and folders of the program may be, and those that still are larger. Run by
// tests/layers_test.ts.

import { assertEquals } from "@std/assert";
import { listSources } from "./source.ts";

const MOST_LINES = 300;
const MOST_FILES = 15;

/** Files that have more lines, and how many they may have. It only gets shorter. */
const LONG_FILES: Readonly<Record<string, number>> = {
  "lib/store/repository.ts": 323,
  "lib/wire/frame.ts": 303,
};

/** Folders with more files, and how many they may have; folders in them count apart. */
const LARGE_FOLDERS: Readonly<Record<string, number>> = {
  "lib/chat": 21,
  "lib/wire": 18,
};

/** What is above its limit, and which exceptions are none any more. */
function compare(
  sizes: ReadonlyMap<string, number>,
  { most, exceptions }: { most: number; exceptions: Readonly<Record<string, number>> },
): string[] {
  return [
    ...[...sizes].filter(([path, size]) => size > (exceptions[path] ?? most))
      .map(([path, size]) => `${path}: ${size}, at most ${exceptions[path] ?? most}`),
    ...Object.keys(exceptions).filter((path) => (sizes.get(path) ?? 0) <= most)
      .map((path) => `${path} is within ${most}: remove it from the list in tests/layers/sizes.ts`),
  ];
}

const lines = new Map<string, number>();
const files = new Map<string, number>();
for await (const path of listSources("lib")) {
  lines.set(path, (await Deno.readTextFile(path)).split("\n").length - 1);
  const folder = path.slice(0, path.lastIndexOf("/"));
  files.set(folder, (files.get(folder) ?? 0) + 1);
}

Deno.test(`sizes: a file of lib has at most ${MOST_LINES} lines`, () => {
  assertEquals(compare(lines, { most: MOST_LINES, exceptions: LONG_FILES }), []);
});

Deno.test(`sizes: a folder of lib has at most ${MOST_FILES} files`, () => {
  assertEquals(compare(files, { most: MOST_FILES, exceptions: LARGE_FOLDERS }), []);
});
