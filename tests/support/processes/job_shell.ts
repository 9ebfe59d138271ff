// An interactive shell with job control in a pseudo-terminal.

import { within } from "../waiting.ts";

const PATIENCE_MS = 20_000;
const encoder = new TextEncoder();

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
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = this.#text.indexOf(text, this.#seen);
      if (at !== -1) {
        const since = this.#text.slice(this.#seen, at + text.length);
        this.#seen = at + text.length;
        return since;
      }
      const left = end - performance.now();
      if (this.#isOver || left <= 0) break;
      await within(left, this.#changed.promise, "Nothing").catch(() => {});
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
