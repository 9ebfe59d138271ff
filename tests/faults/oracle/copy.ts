// A copy of the program and its tests in a directory of its own, to be broken on purpose. Processes
// in it are ended with all their children, and have their temporary files there, too.

import { pause } from "../../support/waiting.ts";
import { applyPatch } from "./patching.ts";
import type { Patch } from "./seeded_bug.ts";

const COPIED = [
  ...["lib", "sql", "tests", "bench", "docs", "packaging"],
  ...["server.ts", "client.ts", "deno.json", "deno.lock", "README.md"],
];
const TEMPORARY = "tmp";
/** Tries to remove the directory: what has just been killed may still be writing into it. */
const REMOVALS = 10;
const REMOVAL_MS = 100;

export interface Outcome {
  readonly code: number;
  /** All that was written, to stdout and to stderr. */
  readonly output: string;
  readonly seconds: number;
  /** It did not end in time, and was ended. */
  readonly isLate: boolean;
}

const running = new Set<number>();
const created = new Set<string>();

// An aborted run leaves no process and no file behind.
globalThis.addEventListener("unload", () => {
  for (const pid of running) killGroup(pid);
  for (const directory of created) {
    try {
      Deno.removeSync(directory, { recursive: true });
    } catch {
      // What has just been killed was still writing into it.
    }
  }
});

export class ProgramCopy implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param root the directory of the project, as a URL that ends with a slash */
  static async create(root: URL): Promise<ProgramCopy> {
    const directory = await Deno.makeTempDir({ prefix: "parley-oracle-" });
    created.add(directory);
    for (const name of COPIED) await copy(new URL(name, root).pathname, `${directory}/${name}`);
    await Deno.mkdir(`${directory}/${TEMPORARY}`);
    return new ProgramCopy(directory);
  }

  /** @throws {MisfitError} when one of them has not exactly one place; some may have been applied */
  apply(patches: readonly Patch[]): void {
    for (const patch of patches) {
      const path = `${this.#directory}/${patch.file}`;
      Deno.writeTextFileSync(path, applyPatch(Deno.readTextFileSync(path), patch));
    }
  }

  /** Runs deno in the copy, and ends whatever is left of it. */
  async run(
    args: readonly string[],
    { mostMs }: { readonly mostMs: number },
  ): Promise<Outcome> {
    const started = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.#directory,
      env: { NO_COLOR: "1", TMPDIR: `${this.#directory}/${TEMPORARY}` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A group of processes of its own, which is ended as one.
      detached: true,
    }).spawn();
    running.add(child.pid);
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
    }, mostMs);
    // Not when its pipes end: a server that it has left behind may hold them.
    child.status.finally(() => killGroup(child.pid));
    const { code, stdout, stderr } = await child.output();
    clearTimeout(late);
    running.delete(child.pid);
    const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
    return { code, output, seconds: (performance.now() - started) / 1_000, isLate };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let left = REMOVALS;; left--) {
      try {
        await Deno.remove(this.#directory, { recursive: true });
        created.delete(this.#directory);
        return;
      } catch (error) {
        if (left === 0) throw error;
        await pause(REMOVAL_MS);
      }
    }
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
