// A copy of the project in which its tasks are run by a shell, as a person runs them: what they write
// lies in it and goes with it.

import { assert } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url).pathname;
const COPIED = ["deno.json", "deno.lock", "server.ts", "client.ts", "lib", "sql"];
/** A command that has not done what is waited for after this time has failed. */
const PATIENCE_MS = 20_000;

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A server that a shell command has started. */
export interface RunningServer extends AsyncDisposable {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Its log so far. */
  readonly log: () => string;
}

export class ProjectCopy implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<ProjectCopy> {
    const directory = await Deno.makeTempDir({ prefix: "parley-copy-" });
    const sources = COPIED.map((name) => `${ROOT}${name}`);
    const copied = await new Deno.Command("cp", { args: ["-r", ...sources, directory] }).output();
    assert(copied.success);
    return new ProjectCopy(directory);
  }

  /** Runs a shell command in it to its end. @throws when it does not end in time */
  async run(command: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    const child = this.#spawn(command, env);
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  /** Starts a server by a shell command. @throws when it ends before it is ready */
  async serve(command: string, env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
    const child = this.#spawn(`exec env ${command}`, env);
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
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
    try {
      const address = await ready.promise;
      return {
        address,
        log: () => text,
        async [Symbol.asyncDispose](): Promise<void> {
          child.kill("SIGINT");
          await Promise.all([child.status, reading, child.stdout.cancel()]);
        },
      };
    } catch (error) {
      await Promise.all([child.status, child.stdout.cancel()]);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #spawn(command: string, env: Readonly<Record<string, string>>): Deno.ChildProcess {
    const { HOME = "/", DENO_DIR = `${HOME}/.cache/deno`, ...rest } = Deno.env.toObject();
    const ours = Object.entries(rest).filter(([name]) => !name.startsWith("PARLEY_"));
    return new Deno.Command("sh", {
      args: ["-c", command],
      cwd: this.directory,
      clearEnv: true,
      env: { ...Object.fromEntries(ours), HOME, DENO_DIR, NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.directory, { recursive: true });
  }
}
