// A copy of the project in which its tasks are run by a shell, as a person runs them: what they write is in
// it and is removed with it, and no process in it outlives it.

import { assert } from "@std/assert";
import { within } from "../waiting.ts";
import type { Finished } from "./client_process.ts";
import { JobShell } from "./job_shell.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const COPIED = ["deno.json", "deno.lock", "server.ts", "client.ts", "lib", "sql"];
/** A command that takes longer fails. */
const PATIENCE_MS = 20_000;

type Env = Readonly<Record<string, string>>;

/** A server that a shell command has started. */
export interface RunningServer extends AsyncDisposable {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Its log so far. */
  readonly log: () => string;
}

export class ProjectCopy implements AsyncDisposable {
  readonly directory: string;
  readonly #env: Env;
  readonly #shells: JobShell[] = [];

  private constructor(directory: string, env: Env) {
    this.directory = directory;
    this.#env = env;
  }

  /** @param options `hasHome`: the programs in it have an empty home of their own */
  static async create({ hasHome = false } = {}): Promise<ProjectCopy> {
    const directory = await Deno.makeTempDir({ prefix: "parley-copy-" });
    const sources = COPIED.map((name) => `${ROOT}${name}`);
    const copied = await new Deno.Command("cp", { args: ["-r", ...sources, directory] }).output();
    assert(copied.success);
    const { HOME = "/", DENO_DIR = `${HOME}/.cache/deno`, ...rest } = Deno.env.toObject();
    const others = Object.entries(rest).filter(([name]) => !name.startsWith("PARLEY_"));
    const home = hasHome ? `${directory}/home` : HOME;
    if (hasHome) await Deno.mkdir(home);
    const env = { ...Object.fromEntries(others), HOME: home, DENO_DIR, NO_COLOR: "1" };
    return new ProjectCopy(directory, env);
  }

  /** Starts a shell command, with pipes for all that it reads and writes. */
  spawn(command: string, env: Env = {}): Deno.ChildProcess {
    return this.#spawn(command, { env, stdin: "piped" });
  }

  /** Runs a shell command to its end. @throws when it does not end in time */
  async run(command: string, env: Env = {}): Promise<Finished> {
    const child = this.#spawn(command, { env, stdin: "null" });
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  /** Starts a server by a shell command. @throws when it ends before it is ready */
  async serve(command: string, env: Env = {}): Promise<RunningServer> {
    const child = this.#spawn(`exec env ${command}`, { env, stdin: "null" });
    const ready = Promise.withResolvers<string>();
    let text = "";
    const reading = (async () => {
      for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
        text += part;
        const line = text.split("\n").find((entry) => entry.includes('"event":"ready"'));
        if (line?.endsWith("}")) {
          const { address, port } = JSON.parse(line);
          ready.resolve(`${address}:${port}`);
        }
      }
      ready.reject(new Error(`"${command}" ended: ${text}`));
    })();
    ready.promise.catch(() => {});
    const stop = async (signal: Deno.Signal) => {
      child.kill(signal);
      await Promise.all([child.status, reading, child.stdout.cancel()]);
    };
    try {
      const address = await within(PATIENCE_MS, ready.promise, `"${command}" is not ready`);
      return { address, log: () => text, [Symbol.asyncDispose]: () => stop("SIGINT") };
    } catch (error) {
      await stop("SIGKILL").catch(() => {});
      throw error;
    }
  }

  /** Opens a terminal with an interactive shell in this directory. */
  openShell(): JobShell {
    const shell = new JobShell(this.directory);
    this.#shells.push(shell);
    return shell;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#shells.length > 0) killAllIn(this.directory);
    for (const shell of this.#shells) await shell.ended();
    await Deno.remove(this.directory, { recursive: true });
  }

  #spawn(command: string, how: { env: Env; stdin: "piped" | "null" }): Deno.ChildProcess {
    return new Deno.Command("sh", {
      args: ["-c", command],
      cwd: this.directory,
      clearEnv: true,
      env: { ...this.#env, ...how.env },
      stdin: how.stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }
}

/** Ends every process whose working directory is this one: a test that fails leaves none behind. */
function killAllIn(directory: string): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readLinkSync(`/proc/${name}/cwd`) === directory) Deno.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended meanwhile, or is another user's.
    }
  }
}
