// The terminal of the process: its modes, its size, bytes in, text out. Nothing waits for a terminal
// that stands still. Knows neither keys nor what is drawn.

import { OutputQueue } from "../output_queue.ts";
import type { SleepClock } from "../time.ts";
import { readTyped } from "./stdin_handover.ts";

/** While more than this waits to be written, no further keys are read: their echo would pile up. */
const STUCK_BYTES = 16 * 1024;
/** How long `close` waits for a terminal that takes nothing. */
const CLOSE_MS = 300;

/** For a terminal that reports no size, or 0. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 };

/** Bracketed paste, and reports of the focus. */
const MODES_ON = "\x1b[?2004h\x1b[?1004h";
const MODES_OFF = "\x1b[?2004l\x1b[?1004l";

const SAVE_CURSOR = "\x1b7";
/** What a program that was killed has left: the alternate screen, a hidden cursor, colours, mouse and keypad. */
const LEAVE_PROGRAM = "\x1b[?1049l\x1b[?25h\x1b[0m\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1l\x1b>";

/** The time of keys and of drawing. */
export type DrawingClock = Pick<SleepClock, "monotonic" | "sleep">;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalEvents {
  /** The window may have another size. */
  readonly resized: () => void;
  /** The process goes on after it was suspended; the cursor is in an empty row. */
  readonly continued: () => void;
  /** The terminal has taken all that was written. */
  readonly drained: () => void;
}

/** Another program's time in the terminal: whether it was killed, and has restored nothing. */
export type Lending = () => Promise<{ readonly isKilled: boolean }>;

/** A terminal in raw mode, from its opening to `close`. */
export interface Terminal {
  /** Its name in terminfo; empty when it has none. */
  readonly name: string;
  readonly size: Size;
  /** Whether the terminal has yet to take what was written; `drained` is called when it has. */
  readonly isBusy: boolean;
  /** Queues a text that may hold control sequences. */
  write(text: string): void;
  /** The next bytes; undefined at the end, or when `signal` has aborted by then. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Every key is read; or the terminal is as it was, so that its driver can suspend the process. */
  setMode(mode: "keys" | "restored"): void;
  /** Gives the terminal to another program while `work` runs, from now on: nothing is read or drawn. */
  lend(work: Lending): Promise<void>;
  /** Restores the terminal. Resolves soon, also when it takes nothing. */
  close(): Promise<void>;
}

export type OpenTerminal = (events: TerminalEvents) => Terminal;

/** Takes the process's own terminal over. */
export const openProcessTerminal: OpenTerminal = (events) =>
  new ProcessTerminal(events, { on: MODES_ON, off: MODES_OFF });

/** The same, for a terminal to which no control sequence is written. */
export const openPlainTerminal: OpenTerminal = (events) =>
  new ProcessTerminal(events, { on: "", off: "" });

class ProcessTerminal implements Terminal {
  readonly name: string = Deno.env.get("TERM") ?? "";
  readonly #events: TerminalEvents;
  readonly #output: OutputQueue;
  readonly #modes: { readonly on: string; readonly off: string };
  /** Resolves when another program gives the terminal back; undefined while it is ours. */
  #lent: Promise<void> | undefined;
  readonly #resized = () => {
    if (this.#lent === undefined) this.#events.resized();
  };
  readonly #continued = () => {
    if (this.#lent !== undefined) return;
    this.setMode("keys");
    this.#events.continued();
  };

  constructor(events: TerminalEvents, modes: { readonly on: string; readonly off: string }) {
    this.#events = events;
    this.#modes = modes;
    // It stays small because nobody draws while it is busy.
    this.#output = new OutputQueue(Deno.stdout, { maxBytes: Infinity, onIdle: events.drained });
    this.setMode("keys");
    Deno.addSignalListener("SIGWINCH", this.#resized);
    Deno.addSignalListener("SIGCONT", this.#continued);
  }

  get size(): Size {
    try {
      const { columns, rows } = Deno.consoleSize();
      return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows };
    } catch {
      return USUAL_SIZE;
    }
  }

  get isBusy(): boolean {
    return this.#output.bytes > 0 || this.#lent !== undefined;
  }

  write(text: string): void {
    this.#output.push(text);
  }

  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    await this.#lent;
    await this.#output.whenBelow(STUCK_BYTES);
    return await readTyped(signal);
  }

  setMode(mode: "keys" | "restored"): void {
    Deno.stdin.setRaw(mode === "keys");
    this.write(mode === "keys" ? this.#modes.on : this.#modes.off);
  }

  async lend(work: Lending): Promise<void> {
    const returned = Promise.withResolvers<void>();
    this.#lent = returned.promise;
    if (this.#modes.on !== "") this.write(SAVE_CURSOR);
    this.setMode("restored");
    await this.#output.whenBelow(1);
    const { isKilled } = await work();
    if (isKilled && this.#modes.on !== "") this.write(LEAVE_PROGRAM);
    this.setMode("keys");
    this.#lent = undefined;
    returned.resolve();
  }

  /** Setting the mode would wait for what was written: a terminal that takes nothing is left as it is. */
  async close(): Promise<void> {
    Deno.removeSignalListener("SIGWINCH", this.#resized);
    Deno.removeSignalListener("SIGCONT", this.#continued);
    this.write(this.#modes.off);
    if (!await this.#output.flush(CLOSE_MS)) return;
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone.
    }
  }
}
