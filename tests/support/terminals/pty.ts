// A real program in a pseudo-terminal, with `script` of util-linux: keys in, a screen out.

import { clientCommand, clientEnv, type Home } from "../processes/client_process.ts";
import { OutputReader } from "../processes/output_reader.ts";
import { pause } from "../waiting.ts";
import { Screen } from "./screen.ts";

/** What a test waits for must be seen within this. */
const PATIENCE_MS = 10_000;

export const KEYS = {
  enter: "\r",
  escape: "\x1b",
  interrupt: "\x03",
  end: "\x04",
  left: "\x1b[D",
  up: "\x1b[A",
  home: "\x01",
  tab: "\t",
} as const;

/** A text as a terminal in bracketed-paste mode passes it on. */
export function pasted(text: string): string {
  return `\x1b[200~${text.replaceAll("\n", "\r")}\x1b[201~`;
}

/** Whether a pseudo-terminal can be had; said once when it cannot. */
export const hasPty: boolean = await findScript();

async function findScript(): Promise<boolean> {
  try {
    return (await new Deno.Command("script", { args: ["--version"] }).output()).success;
  } catch {
    Deno.stderr.writeSync(
      new TextEncoder().encode("skipped: terminal tests, for want of `script` (util-linux)\n"),
    );
    return false;
  }
}

export interface TerminalOptions {
  readonly home: Home;
  readonly args: readonly string[];
  /** The arguments of `deno` before `args`; those of the client unless given. */
  readonly program?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  /** What the terminal says of itself, columns and rows, unless it is the truth. */
  readonly reportedSize?: readonly [columns: number, rows: number];
  readonly env?: Readonly<Record<string, string>>;
  /** Control sequences of another program in the terminal. */
  readonly others?: RegExp;
}

/** A terminal with the client, or another program, in it. */
export class Terminal implements AsyncDisposable {
  readonly screen: Screen;
  /** Everything that was sent to the terminal. */
  raw = "";
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: OutputReader;
  readonly #pidFile: string;
  readonly #ttyFile: string;
  readonly #nameFile: string;
  /** Resolves when the terminal is read again; undefined while it is. */
  #paused: PromiseWithResolvers<void> | undefined;
  #fault: unknown;

  static #count = 0;

  private constructor(options: TerminalOptions) {
    const { home, args, program, columns = 80, rows = 24, env = {} } = options;
    const [reportedColumns, reportedRows] = options.reportedSize ?? [columns, rows];
    this.screen = new Screen(columns, rows, {
      reply: (text) => void this.type(text).catch(() => {}),
      ...(options.others === undefined ? {} : { others: options.others }),
    });
    // A home may have several.
    const number = ++Terminal.#count;
    this.#pidFile = `${home.path}/pid-${number}`;
    this.#ttyFile = `${home.path}/tty-${number}`;
    this.#nameFile = `${home.path}/tty-name-${number}`;
    const command = program === undefined ? clientCommand(args) : [...program, ...args];
    const deno = [Deno.execPath(), ...command].map(quote).join(" ");
    // The shell stays, to ask afterwards how the client has left the terminal.
    const script = [
      `stty cols ${reportedColumns} rows ${reportedRows}`,
      `tty > ${this.#nameFile}`,
      `sh -c ${quote(`echo $$ > ${this.#pidFile}; exec ${deno}`)}`,
      "code=$?",
      `stty -a > ${this.#ttyFile}`,
      "exit $code",
    ].join("; ");
    this.#child = new Deno.Command("script", {
      args: ["-qfec", script, "/dev/null"],
      cwd: home.path,
      clearEnv: true,
      env: { ...clientEnv(home, env), SHELL: "/bin/sh", TERM: "xterm-256color" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#output = new OutputReader(this.#child.stdout, (text) => this.#receive(text));
  }

  static start(options: TerminalOptions): Terminal {
    return new Terminal(options);
  }

  /** Types: keys and text, as a terminal passes them on. */
  async type(...keys: readonly string[]): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(keys.join("")));
  }

  /** Waits so long that an Esc stands alone. */
  settle(): Promise<void> {
    return pause(200);
  }

  /** Waits until the screen is as told. @throws with the screen when it does not become so */
  async until(what: string, isSo: (screen: Screen) => boolean): Promise<void> {
    const isSeen = await this.#output.until(() => {
      if (this.#fault !== undefined) throw this.#fault;
      return isSo(this.screen) || undefined;
    }, PATIENCE_MS);
    if (!isSeen) throw new Error(`Not seen: ${what}\n${this.screen.all.join("\n")}`);
  }

  /** Waits until a row reads so. */
  async untilSeen(text: string): Promise<void> {
    await this.until(text, ({ all }) => all.some((row) => row.includes(text)));
  }

  /** Waits until the last row that is not blank reads exactly so. */
  async untilLast(text: string): Promise<void> {
    await this.until(`${text} (last)`, ({ all }) => all.at(-1) === text.trimEnd());
  }

  /** Makes the window wider or narrower, as a person does with the mouse. */
  async resize(columns: number, rows = this.screen.rows): Promise<void> {
    const name = (await Deno.readTextFile(this.#nameFile)).trim();
    this.screen.resize(columns, rows);
    const size = ["cols", `${columns}`, "rows", `${rows}`];
    await new Deno.Command("stty", { args: ["-F", name, ...size] }).output();
  }

  /** Reads nothing of what is sent to the terminal, like a window that hangs. */
  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Closes the terminal under its program, as a window that is closed. */
  hangUp(): void {
    this.resume();
    this.#child.kill("SIGKILL");
  }

  /** The client's own process. */
  get pid(): number {
    return Number(Deno.readTextFileSync(this.#pidFile));
  }

  /** Waits for the client's end; its exit code. */
  async code(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#output.ended;
    if (this.#fault !== undefined) throw this.#fault;
    return code;
  }

  /** Whether the client has left the terminal as it was, and has said so to it. */
  get isRestored(): boolean {
    // deno-lint-ignore no-control-regex
    const marks = [...this.raw.matchAll(/\x1b\[\?2004([hl])/g)].map(([, mark]) => mark);
    return this.isCooked && marks.at(-1) !== "h";
  }

  /** Whether the terminal's own settings are as they were. */
  get isCooked(): boolean {
    const settings = Deno.readTextFileSync(this.#ttyFile).split(/[\s;]+/);
    return ["icanon", "echo", "isig", "icrnl", "opost"].every((on) => settings.includes(on));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    try {
      Deno.kill(this.pid, "SIGKILL");
    } catch {
      // It has ended by itself, or never began.
    }
    await this.#child.status;
    await this.#output.ended;
    await this.#writer.close().catch(() => {});
  }

  async #receive(text: string): Promise<void> {
    await this.#paused?.promise;
    this.raw += text;
    try {
      if (this.#fault === undefined) this.screen.feed(text);
    } catch (error) {
      this.#fault = error;
    }
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
