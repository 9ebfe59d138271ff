// The terminal of the process. First it asks questions line by line, then the live line has it. The
// terminal is restored however the process ends: by itself, by a signal or by a bug.

import process from "node:process";
import { sleep, type SleepClock } from "../../time.ts";
import type { ChatOptions, LineView } from "../commands/chat.ts";
import { readLineHistory } from "../files/line_history.ts";
import { paintColours, paintNothing } from "../../terminal/paint.ts";
import { LAUNCH_ENV, NOT_SUSPENDED } from "../../deno_task.ts";
import type { PrivateFiles } from "../files/private_files.ts";
import { processOutput } from "./process_output.ts";
import { openPlainTerminal } from "../../terminal/process_terminal.ts";
import { PromptView } from "../../terminal/prompt_view.ts";
import type { TextEditor } from "../../terminal/input/text_editor.ts";
import { readTyped } from "../../terminal/stdin_handover.ts";
import type { LineTerminal } from "../ask_name.ts";

/** The exit codes of a process that a signal has ended. */
const SIGNAL_EXITS = { SIGTERM: 143, SIGHUP: 129 } as const;
/** The runtime's exit code for an uncaught error. */
const BUG_EXIT = 1;
/** So long a signal waits at most until what is typed is kept. */
const KEEP_MS = 1_000;

interface TerminalOptions {
  readonly clock: SleepClock;
  /** For Ctrl-X Ctrl-E. */
  readonly editor: TextEditor;
}

/** Returns what opens the live line on this terminal. */
export async function openTerminal(
  state: PrivateFiles,
  { clock, editor }: TerminalOptions,
): Promise<ChatOptions["openView"]> {
  const history = await readLineHistory(state);
  const opened = new OpenedView();
  return (options) => {
    const paint = Deno.noColor ? paintNothing : paintColours;
    const notSuspended = process.env[LAUNCH_ENV] === undefined ? undefined : NOT_SUSPENDED;
    const program = process.env.TERM_PROGRAM;
    const view = { ...options, clock, history, paint, notSuspended, program, editor };
    return opened.use(new PromptView(view), options.ending);
  };
}

/** Returns what opens a chat that redraws nothing. */
export async function openPlain(
  { clock, editor }: TerminalOptions,
): Promise<ChatOptions["openView"]> {
  const { PlainView } = await import("../../terminal/plain/plain_view.ts");
  const opened = new OpenedView();
  return (options) => {
    const view = { ...options, clock, editor, openTerminal: openPlainTerminal };
    return opened.use(new PlainView(view), options.ending);
  };
}

/**
 * A terminal has one view at a time, the last one created: another name or another login creates the next.
 */
class OpenedView {
  #view: LineView | undefined;
  #keep: () => Promise<void> = () => Promise.resolve();

  use<V extends LineView>(view: V, keep: () => Promise<void>): V {
    const isFirst = this.#view === undefined;
    [this.#view, this.#keep] = [view, keep];
    if (isFirst) {
      restoreAtEnd({ restore: async () => await this.#view?.close(), keep: () => this.#keep() });
    }
    return view;
  }
}

interface End {
  readonly restore: () => Promise<void>;
  readonly keep: () => Promise<void>;
}

/** However the process ends, by a signal or by a bug, the terminal is restored first. */
function restoreAtEnd({ restore, keep }: End): void {
  const leaveWith = (code: number, kept = Promise.resolve()) =>
    void Promise.all([restore(), Promise.race([kept, sleep(KEEP_MS)])])
      .then(() => Deno.exit(code));
  for (const [signal, code] of Object.entries(SIGNAL_EXITS)) {
    Deno.addSignalListener(signal as Deno.Signal, () => leaveWith(code, keep()));
  }
  // A bug shows itself, below the line and not in it.
  const fail = (event: Event, error: unknown) => {
    event.preventDefault();
    processOutput.stderr(`${error instanceof Error ? error.stack : error}\n`);
    leaveWith(BUG_EXIT);
  };
  globalThis.addEventListener("error", (event) => fail(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => fail(event, event.reason));
}

const NEWLINE = 0x0a;

/** Reads no further than the end of a line. */
export const lineTerminal: LineTerminal = {
  write(text): void {
    processOutput.stdout(text);
  },
  async readLine(): Promise<string | undefined> {
    let line = new Uint8Array(0);
    for (;;) {
      const typed = await readTyped();
      if (typed === undefined) return undefined;
      line = new Uint8Array([...line, ...typed]);
      if (line.at(-1) === NEWLINE) return new TextDecoder().decode(line).replace(/\r?\n$/, "");
    }
  },
};
