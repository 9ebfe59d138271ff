// An interactive shell with job control in a pseudo-terminal.

import { OutputReader } from "./output_reader.ts";

const PATIENCE_MS = 20_000;
const encoder = new TextEncoder();

/** An interactive bash in a terminal of its own. */
export class JobShell implements Disposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: OutputReader;
  #text = "";
  /** Up to where the text has been looked at. */
  #seen = 0;

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
    this.#output = new OutputReader(this.#child.stdout, (text) => void (this.#text += text));
  }

  async type(text: string): Promise<void> {
    await this.#writer.write(encoder.encode(text));
  }

  /** Waits until the terminal has shown this, behind what was waited for before; what came with it. */
  async until(text: string): Promise<string> {
    const at = await this.#output.until(() => {
      const found = this.#text.indexOf(text, this.#seen);
      return found === -1 ? undefined : found;
    }, PATIENCE_MS);
    if (at === undefined) throw new Error(`Not seen: ${text}\n${this.#text}`);
    const since = this.#text.slice(this.#seen, at + text.length);
    this.#seen = at + text.length;
    return since;
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
    await this.#output.ended;
    await this.#writer.close().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.hangUp();
  }
}
