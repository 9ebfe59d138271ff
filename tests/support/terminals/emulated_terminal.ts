// The live line in a terminal emulator, without a process: bytes in, a screen out, and a clock that
// the test moves. Waits are for microtasks only, so that thousands of histories take seconds.

import type { Line } from "../../../lib/terminal/view_lines.ts";
import { PromptView } from "../../../lib/terminal/prompt_view.ts";
import type {
  DrawingClock,
  Size,
  Terminal,
  TerminalEvents,
} from "../../../lib/terminal/process_terminal.ts";
import { Screen } from "./screen.ts";

const TURNS = 30;
/** More than Esc, drawing and the report of the cursor wait for. */
const LONG_MS = 60;

/** Lets everything go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}

class ManualClock implements DrawingClock {
  #now = 0;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
  }
}

export interface EmulatedOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly history?: readonly string[];
  readonly complete?: (line: string) => readonly string[];
  readonly completeWord?: (line: string) => readonly string[];
  readonly stays?: string;
  /** Whether the terminal reports its cursor when it is asked. */
  readonly reports?: boolean;
  readonly breaksRows?: boolean;
}

/** A live line in an emulator. */
export class EmulatedTerminal {
  readonly screen: Screen;
  readonly view: PromptView;
  /** The lines entered, as they are meant. */
  readonly entered: string[] = [];
  readonly left: string[] = [];
  readonly modes: string[] = [];
  /** Where the cursor was when the last resize had broken all rows anew. */
  reflowedCursor: Screen["cursor"] = { x: 0, y: 0 };
  readonly #clock = new ManualClock();
  #events: TerminalEvents | undefined;
  #size: Size;
  readonly #bytes: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(options: EmulatedOptions = {}) {
    const { columns = 80, rows = 24, history = [], complete = () => [], reports = true } = options;
    this.#size = { columns, rows };
    this.screen = new Screen(columns, rows, {
      reply: (text) => {
        if (reports) this.#push(text);
      },
      ...(options.breaksRows === undefined ? {} : { breaksRows: options.breaksRows }),
    });
    this.view = new PromptView({
      clock: this.#clock,
      paint: (safe) => safe,
      history,
      complete,
      ...(options.completeWord === undefined ? {} : { completeWord: options.completeWord }),
      ...(options.stays === undefined ? {} : { stays: options.stays }),
      entered: ({ text }) => void this.entered.push(text),
      leave: (by) => void this.left.push(by),
      openTerminal: (events) => this.#open(events),
    });
    this.view.setPrompt({ rows: [], before: [{ text: "> ", style: "plain" }] });
  }

  /** Reads these in one go each, and lets all be drawn that is drawn at once. */
  async type(...reads: readonly string[]): Promise<void> {
    for (const text of reads) {
      this.#push(text);
      await settle();
    }
  }

  async show(...lines: readonly Line[]): Promise<void> {
    this.view.show(lines);
    await this.pass();
  }

  /** Lets time pass until all is drawn. */
  async pass(ms = LONG_MS): Promise<void> {
    await settle();
    this.#clock.advance(ms);
    await settle();
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.screen.resize(columns, rows);
    this.reflowedCursor = this.screen.cursor;
    this.#size = { columns, rows };
    this.#events?.resized();
    await this.pass();
  }

  /** The process was stopped, and goes on below what the shell has written. */
  async suspend(written: string): Promise<void> {
    this.screen.feed(written);
    this.#events?.continued();
    await this.pass();
  }

  #push(text: string): void {
    this.#bytes.push(new TextEncoder().encode(text));
    this.#wake.resolve();
  }

  #open(events: TerminalEvents): Terminal {
    this.#events = events;
    const size = () => this.#size;
    return {
      get size(): Size {
        return size();
      },
      name: "xterm-256color",
      isBusy: false,
      write: (text) => {
        this.screen.feed(text);
      },
      read: async (signal) => {
        while (this.#bytes.length === 0) {
          this.#wake = Promise.withResolvers();
          await this.#wake.promise;
        }
        return signal.aborted ? undefined : this.#bytes.shift();
      },
      setMode: (mode) => void this.modes.push(mode),
      lend: async (work) => void await work(),
      close: () => Promise.resolve(),
    };
  }
}
