// A program in tmux: the terminal that most people who live in a chat use, and one whose widths and
// whose way to break rows are its own.

import { pause } from "../waiting.ts";

/** Whether tmux can be had; said once when it cannot. */
export const hasTmux: boolean = await findTmux();

const PATIENCE_MS = 10_000;
const LOOK_MS = 50;
/** How long a program may take from the signal to its drawing. */
const HANDLED_MS = 100;

async function findTmux(): Promise<boolean> {
  try {
    return (await new Deno.Command("tmux", { args: ["-V"] }).output()).success;
  } catch {
    Deno.stderr.writeSync(new TextEncoder().encode("skipped: tests in tmux, which is not here\n"));
    return false;
  }
}

export interface TmuxOptions {
  /** Where its socket is, and where the program runs. */
  readonly directory: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

export class Tmux implements AsyncDisposable {
  readonly #socket: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor({ directory, env }: TmuxOptions) {
    this.#socket = `${directory}/tmux`;
    this.#env = { ...env, TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  }

  static async start(options: TmuxOptions): Promise<Tmux> {
    const { columns, rows, command, directory } = options;
    const tmux = new Tmux(options);
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await tmux.#run(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-c",
      directory,
      ...size,
      "--",
      ...command,
    );
    return tmux;
  }

  /** Types a text as it is. */
  async type(text: string): Promise<void> {
    await this.#run("send-keys", "-l", "--", text);
  }

  /** Presses keys by tmux's names: `Escape`, `Enter`, `C-l`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  /**
   * Changes the window's size. tmux breaks its rows at once, and signals the program up to a quarter of a
   * second later, under load more: this waits until it has. What the program writes until it handles the
   * signal is written for the old size, so wait for the echo of a key before anything else arrives.
   */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#run("resize-window", "-x", `${columns}`, "-y", `${rows}`);
    const terminal = (await this.#run("display-message", "-p", "#{pane_tty}")).trim();
    await this.until("the size in the terminal", async () => {
      const { stdout } = await new Deno.Command("stty", { args: ["-F", terminal, "size"] })
        .output();
      return new TextDecoder().decode(stdout).trim() === `${rows} ${columns}`;
    });
    await pause(HANDLED_MS);
  }

  /** Scrollback and screen, without blank rows at their end. */
  async all(): Promise<readonly string[]> {
    const text = await this.#run("capture-pane", "-p", "-S", "-");
    return text.trimEnd().split("\n").map((row) => row.trimEnd());
  }

  /** What tmux knows of the window, by one of its formats. */
  async fact(format: string): Promise<string> {
    return (await this.#run("display-message", "-p", format)).trim();
  }

  /** Waits until it is so. @throws with what is seen when it does not become so */
  async until(
    what: string,
    isSo: (all: readonly string[]) => boolean | Promise<boolean>,
  ): Promise<readonly string[]> {
    const begun = performance.now();
    for (;;) {
      const all = await this.all();
      if (await isSo(all)) return all;
      if (performance.now() - begun > PATIENCE_MS) {
        throw new Error(`Not seen: ${what}\n${all.join("\n")}`);
      }
      await pause(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server").catch(() => {});
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-S", this.#socket, ...args],
      clearEnv: true,
      env: this.#env,
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}
