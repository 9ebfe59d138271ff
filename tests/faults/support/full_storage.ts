// Storage that can be filled and freed: a small file system in memory, where mounting is allowed,
// and a database with a size limit.

import { statfsSync } from "node:fs";
import { pause } from "../../support/waiting.ts";

const mounted = new Set<string>();

// A run that is torn down leaves nothing mounted, also while its server still has files open there.
globalThis.addEventListener("unload", () => {
  for (const directory of mounted) new Deno.Command("umount", { args: ["-l", directory] }).spawn();
});

/** A directory to start a server in, and its fullness. */
export interface FillableStorage extends AsyncDisposable {
  readonly name: string;
  readonly directory: string;
  /** A module that the server must be started with. */
  readonly preload?: string;
  /** Leaves at most so many bytes. */
  fill(leftBytes: number): Promise<void>;
  free(): Promise<void>;
}

const TMPFS_BYTES = 96 * 1024 * 1024;
/** The preloaded module has looked by then. */
const HEEDED_MS = 30;
const PRELOAD = new URL("../preload/full_database.ts", import.meta.url).pathname;

/** A database that may not grow. */
export function limitedDatabase(directory: string): FillableStorage {
  Deno.mkdirSync(directory);
  const file = `${directory}/data/disk-is-full`;
  return {
    name: "max_page_count",
    directory,
    preload: PRELOAD,
    async fill(): Promise<void> {
      Deno.writeTextFileSync(file, "");
      await pause(HEEDED_MS);
    },
    async free(): Promise<void> {
      Deno.removeSync(file);
      await pause(HEEDED_MS);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A file system of its own; undefined where none may be mounted. */
export async function smallFileSystem(directory: string): Promise<FillableStorage | undefined> {
  Deno.mkdirSync(directory);
  const isMounted = await succeeds("mount", [
    ...["-t", "tmpfs", "-o", `size=${TMPFS_BYTES}`, "parley-faults", directory],
  ]);
  if (!isMounted) return undefined;
  mounted.add(directory);
  const ballast = `${directory}/ballast`;
  return {
    name: "tmpfs",
    directory,
    fill(leftBytes): Promise<void> {
      using file = Deno.openSync(ballast, { write: true, create: true });
      const { bavail, bsize } = statfsSync(directory);
      const bytes = new Uint8Array(Math.max(0, bavail * bsize - leftBytes));
      try {
        for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      } catch {
        // The server was quicker: it is full.
      }
      return Promise.resolve();
    },
    free: () => Deno.remove(ballast),
    async [Symbol.asyncDispose](): Promise<void> {
      if (!await succeeds("umount", [directory])) {
        throw new Error(`${directory} cannot be unmounted`);
      }
      mounted.delete(directory);
    },
  };
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdout: "null",
      stderr: "null",
    });
    return (await command.output()).success;
  } catch {
    // There is no such program here.
    return false;
  }
}
