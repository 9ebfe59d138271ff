// A command of the server's program for a running server, under the permissions of its task.

import { assertEquals } from "@std/assert";
import type { Frame } from "../clients/peer.ts";
import { temporaryDirectory } from "../temporary.ts";
import { ChildServer, type ChildServerOptions } from "./child_server.ts";
import type { Finished } from "./client_process.ts";
import { SERVER_PROGRAM, serverFlags } from "./task_flags.ts";

/** A command that has not ended after this time has failed. */
const PATIENCE_MS = 20_000;

export interface ServerCommandOptions {
  /** Its working directory, where the server keeps its `data`. */
  readonly directory: string;
  readonly args: readonly string[];
  /** Where it may connect, `host:port`. */
  readonly allowed: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is run instead of deno itself: the arguments before it. */
  readonly under?: readonly string[];
}

/** Runs it to its end. @throws when it does not end in time */
export function runServerCommand(options: ServerCommandOptions): Promise<Finished> {
  const { args, allowed, under = [] } = options;
  const deno = [Deno.execPath(), ...serverFlags({ listen: allowed }), SERVER_PROGRAM, ...args];
  const [program = "", ...rest] = [...under, ...deno];
  return run(program, rest, options);
}

async function run(
  program: string,
  args: readonly string[],
  { directory, env = {} }: Pick<ServerCommandOptions, "directory" | "env">,
): Promise<Finished> {
  const settings = Object.entries(Deno.env.toObject());
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: directory,
    clearEnv: true,
    env: {
      ...Object.fromEntries(settings.filter(([name]) => !name.startsWith("PARLEY_"))),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const { code, stdout, stderr, signal } = await child.output();
  clearTimeout(timer);
  if (signal === "SIGKILL") throw new Error(`It did not end: ${args.join(" ")}`);
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A server in a folder of its own, and an administrator's shell there. */
export class AdminPlace implements AsyncDisposable {
  readonly directory: string;
  readonly server: ChildServer;
  readonly #folder: AsyncDisposable;

  private constructor(server: ChildServer, folder: AsyncDisposable & { readonly path: string }) {
    this.directory = folder.path;
    this.server = server;
    this.#folder = folder;
  }

  static async start(options: Omit<ChildServerOptions, "directory"> = {}): Promise<AdminPlace> {
    const folder = await temporaryDirectory();
    try {
      const server = await ChildServer.start({ directory: folder.path, ...options });
      return new AdminPlace(server, folder);
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a command for the server, at the address where it listens. */
  run(...args: readonly string[]): Promise<Finished> {
    const { hostname, port } = this.server.address;
    const allowed = `${hostname}:${port}`;
    const { directory } = this;
    return runServerCommand({ directory, args: [...args, "--listen", allowed], allowed });
  }

  /** Runs a command by a shell, with more behind it: `| head`. */
  pipe(command: string, more: string): Promise<Finished> {
    const { hostname, port } = this.server.address;
    const listen = `${hostname}:${port}`;
    const flags = serverFlags({ listen }).join(" ");
    const line =
      `${Deno.execPath()} ${flags} ${SERVER_PROGRAM} ${command} --listen ${listen} ${more}`;
    return run("sh", ["-c", line], { directory: this.directory });
  }

  /** The objects that a command prints with --json; it must not fail. */
  async json(...args: readonly string[]): Promise<readonly Frame[]> {
    const { code, out, err } = await this.run(...args, "--json");
    assertEquals([code, err], [0, ""], args.join(" "));
    return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** The two above as functions. */
  get bound(): Pick<AdminPlace, "server" | "run" | "json"> {
    return {
      server: this.server,
      run: (...args) => this.run(...args),
      json: (...args) => this.json(...args),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** The reply to a hello: a welcome, or why it is refused. */
export async function helloBy(server: ChildServer, auth: Frame): Promise<Frame> {
  using peer = await server.connect();
  return await peer.ask({ type: "hello", id: "hello", version: 1, auth }) ?? {};
}
