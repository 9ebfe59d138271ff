// A copy of the project whose tasks are run, and an interactive shell with job control in a
// pseudo-terminal. Processes that are left over end with the place.

import { RawClient } from "../clients/raw_client.ts";

const COPIED = ["deno.json", "deno.lock", "server.ts", "client.ts", "lib", "sql"];
const PATIENCE_MS = 20_000;
const LOOK_MS = 20;
const encoder = new TextEncoder();

export class TaskPlace implements AsyncDisposable {
  readonly directory: string;
  readonly #shells: JobShell[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<TaskPlace> {
    const directory = await Deno.makeTempDir({ prefix: "parley-task-" });
    const root = new URL("../../../", import.meta.url).pathname;
    const sources = COPIED.map((name) => `${root}${name}`);
    const { success } = await new Deno.Command("cp", { args: ["-r", ...sources, directory] })
      .output();
    if (!success) throw new Error("The project could not be copied");
    return new TaskPlace(directory);
  }

  /** Opens a terminal with a shell in this place. */
  openShell(): JobShell {
    const shell = new JobShell(this.directory);
    this.#shells.push(shell);
    return shell;
  }

  /** Connects to a server that is about to start. */
  async connect(port: number): Promise<RawClient> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await RawClient.connect({ hostname: "127.0.0.1", port });
      } catch (error) {
        const isTooEarly = error instanceof Deno.errors.ConnectionRefused;
        if (!isTooEarly || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }

  /** What a program under nohup has written. */
  get log(): string {
    return Deno.readTextFileSync(`${this.directory}/nohup.out`);
  }

  async untilLogged(text: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.log.includes(text)) {
      if (performance.now() > deadline) throw new Error(`Not logged: ${text}\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killAllIn(this.directory);
    for (const shell of this.#shells) await shell.ended();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** An interactive bash in a terminal of its own. */
export class JobShell implements Disposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reading: Promise<void>;
  #text = "";
  /** Up to where the text has been looked at. */
  #seen = 0;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  constructor(directory: string) {
    this.#child = new Deno.Command("script", {
      args: ["-qfec", "bash --norc --noprofile -i", "/dev/null"],
      cwd: directory,
      env: { SHELL: "/bin/bash", TERM: "xterm-256color", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  async type(text: string): Promise<void> {
    await this.#writer.write(encoder.encode(text));
  }

  /** Waits until the terminal has shown this, behind what was waited for before; what came with it. */
  async until(text: string): Promise<string> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), PATIENCE_MS);
    });
    try {
      for (;;) {
        const at = this.#text.indexOf(text, this.#seen);
        if (at !== -1) {
          const since = this.#text.slice(this.#seen, at + text.length);
          this.#seen = at + text.length;
          return since;
        }
        if (this.#isOver) break;
        if (await Promise.race([this.#changed.promise, late]) === "late") break;
      }
    } finally {
      clearTimeout(timer);
    }
    throw new Error(`Not seen: ${text}\n${this.#text}`);
  }

  /** Closes the terminal under the shell. */
  hangUp(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  async ended(): Promise<void> {
    await this.#child.status;
    await this.#reading;
    await this.#writer.close().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.hangUp();
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#change();
    }
    this.#isOver = true;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
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
