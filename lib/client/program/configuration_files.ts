// The files that the configuration names: found and read, or missing.

import { FileFault } from "../files/file_fault.ts";

export function hasFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** @throws {FileFault} when it is there and cannot be read */
export function findFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const { NotFound, NotADirectory, NotCapable } = Deno.errors;
    // Without a HOME that is a folder there is no file, and no permission to see that.
    if ([NotFound, NotADirectory, NotCapable].some((kind) => error instanceof kind)) return;
    throw new FileFault("read", { path, cause: error });
  }
}
