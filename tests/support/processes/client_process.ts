// The real client as a child process, under the permissions it is shipped with and in a home of its
// own: what it prints, how it ends, what it leaves.

import { until } from "../waiting.ts";

const ROOT = new URL("../../../", import.meta.url);
const PROGRAM = new URL("client.ts", ROOT).pathname;

/** A client that has not ended after this time has failed. */
const PATIENCE_MS = 20_000;

/** A `--timeout` that a test waits for, and in which a slow machine does what comes before. */
export const SOON = "4s";

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A person's home: tokens, names and kept messages live and die with it. */
export class Home implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Home> {
    return new Home(await Deno.makeTempDir({ prefix: "parley-home-" }));
  }

  /** Writes a file below this home. */
  async write(path: string, text: string): Promise<void> {
    const whole = `${this.path}/${path}`;
    await Deno.mkdir(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(whole, text);
  }

  /** The messages that wait for an answer. */
  outbox(): readonly Record<string, unknown>[] {
    return this.#kept().map((path) => JSON.parse(Deno.readTextFileSync(path)));
  }

  /** Resolves when so many messages are on the disk. @throws when they are not in time */
  async untilKept(count: number): Promise<void> {
    await until(() => this.#kept().filter((path) => !isBeingWritten(path)).length === count, {
      withinMs: PATIENCE_MS,
      otherwise: () => `Kept: ${this.#kept().join(", ")}; not ${count}`,
    });
  }

  #kept(): readonly string[] {
    return files(`${this.path}/.local/state/parley/outbox`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.path, { recursive: true });
  }
}

/** Whether a file has yet to be given its name. */
function isBeingWritten(path: string): boolean {
  return path.slice(path.lastIndexOf("/") + 1).startsWith(".");
}

/** Every file below a directory. */
export function files(directory: string): readonly string[] {
  try {
    return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
      isDirectory ? files(`${directory}/${name}`) : [`${directory}/${name}`]
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export interface ClientOptions {
  readonly home: Pick<Home, "path">;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** What is run instead of deno itself: the arguments before it. */
  readonly under?: readonly string[];
}

/** The arguments of `deno` in the task `client`, which runs it in the home: the two cannot drift apart. */
export function clientCommand(args: readonly string[]): readonly string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const command: string = tasks.client.command;
  const [, flags] = /; deno (run .*) "\$PROJECT\/client\.ts"$/.exec(command) ?? [];
  if (flags === undefined) throw new Error(`The task "client" has another form: ${command}`);
  // Without XDG variables nothing extends the permissions.
  return [...flags.replaceAll('"$XDG"', "").split(" "), "--quiet", PROGRAM, ...args];
}

/** The environment a client is given: its home, and where deno keeps what it has cached. */
export function clientEnv(
  home: Pick<Home, "path">,
  env: ClientOptions["env"] = {},
): Record<string, string> {
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  return { HOME: home.path, DENO_DIR: cache, PATH: Deno.env.get("PATH") ?? "", ...env };
}

/** Starts a client; what becomes of it is the test's. */
export function spawnClient(
  { home, args, env, stdin, under = [] }: ClientOptions,
): Deno.ChildProcess {
  const [program = "", ...rest] = [...under, Deno.execPath(), ...clientCommand(args)];
  return new Deno.Command(program, {
    args: rest,
    cwd: home.path,
    clearEnv: true,
    env: clientEnv(home, env),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a client to its end. @throws when it does not end in time */
export async function runClient(options: ClientOptions): Promise<Finished> {
  const child = spawnClient(options);
  const { stdin } = options;
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    await writer.write(bytes).then(() => writer.close()).catch(() => {});
  }
  const { code, stdout, stderr, signal } = await child.output();
  clearTimeout(timer);
  if (signal === "SIGKILL") throw new Error(`The client did not end: ${options.args.join(" ")}`);
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A child's stdout as lines, one when it is there. */
export class LineReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end !== -1) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  /** Lets nobody read any more. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
