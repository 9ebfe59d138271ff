// Programs of this machine that tests start: where they are, if they are there.

import { join } from "node:path";

const FOLDERS = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec"];

/** The path of an installed program that has one of these names. */
export function findProgram(...names: readonly string[]): string | undefined {
  const path = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const places = [...path, ...FOLDERS].flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find(isFile);
}

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
