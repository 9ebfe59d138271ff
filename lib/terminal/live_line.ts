// The line being typed, and what is written above it without ever tearing it: the one writer of the
// terminal, with documented calls of node:readline only. Nothing here waits for the terminal: one that
// stands still gets its text when it goes on. Knows texts and keys, not what they mean.

import { EventEmitter } from "node:events";
import readline from "node:readline";
import { OutputQueue } from "../output_queue.ts";

const HISTORY_LINES = 500;
/** A terminal that has not taken so much is given no more keys: their echo would pile up. */
const STUCK_BYTES = 16 * 1024;
/** How long a terminal that takes nothing is waited for when it is given back. */
const GIVE_BACK_MS = 300;

const USUAL_SIZE = { columns: 80, rows: 24 };

const PASTE_MODE_ON = "\x1b[?2004h";
const PASTE_MODE_OFF = "\x1b[?2004l";

export interface LiveLineOptions {
  /** Lines typed before, the newest first. */
  readonly history: readonly string[];
  /** What a line's beginning may become. */
  readonly complete: (line: string) => readonly string[];
  /** Ctrl-C was pressed. */
  readonly interrupted: () => void;
  /** The line takes keys again. */
  readonly resumed: () => void;
  /** The window has another width; the line stands there anew, with the old prompt. */
  readonly resized: () => void;
  /** The terminal has taken all that was written. */
  readonly drained: () => void;
}

/**
 * Keys go in by events, so that a line is known to be whole before the next key is looked at. While
 * readline completes a word it wants none: `resumed` is told when it has done so.
 */
class Keys extends EventEmitter {
  isPaused = false;
  readonly #resumed: () => void;

  constructor(resumed: () => void) {
    super();
    this.#resumed = resumed;
  }

  pause(): this {
    this.isPaused = true;
    return this;
  }

  resume(): this {
    this.isPaused = false;
    // It resumes before it has put the completed word into the line.
    queueMicrotask(this.#resumed);
    return this;
  }
}

/**
 * The screen as readline knows it. It keeps its old width until the line has seen to a new one: where
 * the cursor stood before tells how to go on from where the terminal has moved it.
 */
class Display extends EventEmitter {
  columns = widthNow();
  readonly output: OutputQueue;

  constructor(drained: () => void) {
    super();
    // What bounds it is that nobody writes while it is busy, but for the echo of keys.
    this.output = new OutputQueue(Deno.stdout, { maxBytes: Infinity, onIdle: drained });
  }

  write(text: string): boolean {
    return this.output.push(text);
  }
}

function widthNow(): number {
  return sizeNow().columns;
}

function sizeNow(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows };
  } catch {
    return USUAL_SIZE;
  }
}

/** A line in a terminal, from `new` to `close`. */
export class LiveLine {
  readonly #keys: Keys;
  readonly #display: Display;
  readonly #line: readline.Interface;
  readonly #resized: () => void;

  /** Takes the terminal over. */
  constructor(options: LiveLineOptions) {
    const { history, complete, interrupted, resumed, resized, drained } = options;
    this.#keys = new Keys(resumed);
    this.#display = new Display(drained);
    Deno.stdin.setRaw(true);
    this.#display.write(PASTE_MODE_ON);
    this.#line = readline.createInterface({
      input: this.#keys as unknown as NodeJS.ReadableStream,
      output: this.#display as unknown as NodeJS.WritableStream,
      terminal: true,
      history: [...history],
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string) => [[...complete(line)], line],
    });
    this.#line.on("SIGINT", interrupted);
    // Suspending needs a permission that nothing else needs.
    this.#line.on("SIGTSTP", () => {});
    this.#resized = () => {
      this.#resize();
      resized();
    };
    Deno.addSignalListener("SIGWINCH", this.#resized);
    this.#line.prompt();
  }

  /** What is typed so far. */
  get text(): string {
    return this.#line.line;
  }

  get columns(): number {
    return this.#display.columns;
  }

  /** How many rows the terminal has. */
  get height(): number {
    return sizeNow().rows;
  }

  /** Whether keys would be lost now; `resumed` is told when not any more. */
  get isPaused(): boolean {
    return this.#keys.isPaused;
  }

  /** Whether the terminal has yet to take what was written; `drained` is told when it has. */
  get isBusy(): boolean {
    return this.#display.output.bytes > 0;
  }

  /** Resolves when the terminal has taken so much that the echo of keys has room. */
  whenUnstuck(): Promise<void> {
    return this.#display.output.whenBelow(STUCK_BYTES);
  }

  /** Presses keys, neither Enter nor a Ctrl-D that is to mean the end. */
  press(keys: string): void {
    if (keys !== "") this.#keys.emit("data", keys);
  }

  /** Takes the line off the screen and begins an empty one; what was typed. */
  enter(): string {
    this.#seeWidth();
    this.#toEnd();
    const { rows } = this.#line.getCursorPos();
    const typed = this.#line.line;
    this.press("\r");
    this.#clearFrom(rows + 1);
    this.#line.prompt();
    return typed;
  }

  /** Forgets what is typed. */
  clear(): void {
    this.#toEnd();
    this.#line.write(null, { ctrl: true, name: "u" });
  }

  /**
   * Writes above the line, and the line under it with this prompt before it: goes to the line's first
   * row, and so many rows further up that are written over, clears, writes, and lets it be drawn anew.
   * Both texts must be safe; `text` is empty or ends with a newline.
   */
  above(text: string, { prompt, over }: { readonly prompt: string; readonly over: number }): void {
    this.#seeWidth();
    const { rows } = this.#line.getCursorPos();
    this.#clearFrom(rows + over);
    // prompt(true) goes up as many rows as the cursor was below the first one.
    this.#display.write(text + "\n".repeat(rows));
    this.#line.setPrompt(prompt);
    this.#line.prompt(true);
  }

  /**
   * Gives the terminal back as it was. Resolves soon, also when the terminal takes nothing: setting it
   * would wait for what was written, so it is left to the end of the process, which does not wait.
   */
  async close(): Promise<void> {
    this.#line.close();
    Deno.removeSignalListener("SIGWINCH", this.#resized);
    this.#display.write(PASTE_MODE_OFF);
    if (!await this.#display.output.flush(GIVE_BACK_MS)) return;
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  }

  /** The window may have changed before the word of it has come. */
  #seeWidth(): void {
    if (widthNow() !== this.#display.columns) this.#resize();
  }

  /** Terminals of today break their rows anew when they are resized, and take the cursor along. */
  #resize(): void {
    const { rows } = this.#line.getCursorPos();
    this.#display.columns = widthNow();
    this.#clearFrom(this.#line.getCursorPos().rows);
    this.#display.write("\n".repeat(rows));
    this.#line.prompt(true);
  }

  #toEnd(): void {
    this.#line.write(null, { ctrl: true, name: "e" });
  }

  /** Clears the line that begins so many rows above the cursor, and all below it. */
  #clearFrom(rows: number): void {
    const output = this.#display as unknown as NodeJS.WritableStream;
    readline.moveCursor(output, 0, -rows);
    readline.cursorTo(output, 0);
    readline.clearScreenDown(output);
  }
}
