// The live line: what arrives is written above the line being typed and never tears it. One writer
// owns the terminal, with documented calls of node:readline only. Knows lines, not what they mean.

import { EventEmitter } from "node:events";
import process from "node:process";
import readline from "node:readline";
import {
  formatClock,
  formatDay,
  formatRow,
  layOut,
  type Paint,
  type Row,
  type Span,
} from "./layout.ts";
import { countOf, failure, type Line, notice, type View } from "./line.ts";
import { PasteSplitter, type Piece } from "./paste.ts";

/** Between two redraws: at most twenty a second, however much arrives. */
const REDRAW_MS = 50;
/** A second Ctrl-C within this leaves. */
const AGAIN_MS = 2_000;
/** A paste of one line, no longer than this, is put into the line as it is. */
const SHORT_PASTE = 200;
const HISTORY_LINES = 500;

const CTRL_D = "\x04";
const OWN_KEYS = new RegExp(`(?<=[\r\n${CTRL_D}])|(?=[\r\n${CTRL_D}])`);

const PASTE_MODE_ON = "\x1b[?2004h";
const PASTE_MODE_OFF = "\x1b[?2004l";

/** The pace of drawing; handed in so that a test need not wait. */
export interface DrawingClock {
  /** Milliseconds from an arbitrary start; never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface PromptOptions {
  readonly clock: DrawingClock;
  readonly paint: Paint;
  /** Lines typed before, the newest first. */
  readonly history: readonly string[];
  /** What a line's beginning may become. */
  readonly complete: (line: string) => readonly string[];
  /** A line was entered; `typed` is how it stood there, `text` what it means with its pastes. */
  readonly entered: (line: { readonly typed: string; readonly text: string }) => void;
  /** The person wants to leave: Ctrl-D on an empty line, or Ctrl-C twice. */
  readonly leave: (by: "end" | "interrupt") => void;
}

/** The rows under which the line is typed, and what stands before it. */
export interface Prompt {
  /** Rows of their own above the line: what waits to be sent. */
  readonly rows: readonly Row[];
  readonly before: Row;
  /** The room that lines need not name. */
  readonly current?: string;
}

/** Keys go in by events, so that a line is known to be whole before the next key is looked at. */
class Keys extends EventEmitter {
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
}

/**
 * The screen as readline knows it. It keeps its old width until the view has seen to a new one: where
 * the cursor stood before tells how to go on from where the terminal has moved it.
 */
class Display extends EventEmitter {
  columns = widthNow();
  write(text: string): boolean {
    return process.stdout.write(text);
  }
}

function widthNow(): number {
  return process.stdout.columns ?? 80;
}

/** The terminal of a person who talks. */
export class PromptView implements View {
  readonly #options: PromptOptions;
  readonly #keys = new Keys();
  readonly #display = new Display();
  readonly #resized = () => this.#resize();
  readonly #line: readline.Interface;
  readonly #pastes = new Map<string, string>();
  readonly #over = new AbortController();
  #prompt: Prompt = { rows: [], before: [] };
  #waiting: Line[] = [];
  #isDrawing = false;
  #drawnAt = -Infinity;
  #interruptedAt = -Infinity;
  #day = "";

  /** Takes the terminal over; `close` gives it back. */
  constructor(options: PromptOptions) {
    this.#options = options;
    Deno.stdin.setRaw(true);
    process.stdout.on("resize", this.#resized);
    this.#display.write(PASTE_MODE_ON);
    this.#line = readline.createInterface({
      input: this.#keys as unknown as NodeJS.ReadableStream,
      output: this.#display as unknown as NodeJS.WritableStream,
      terminal: true,
      history: [...options.history],
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string) => [[...options.complete(line)], line],
    });
    this.#line.on("SIGINT", () => this.#interrupt());
    // Suspending needs a permission that nothing else needs.
    this.#line.on("SIGTSTP", () => {});
    this.#line.prompt();
    this.#read();
  }

  show(lines: readonly Line[]): void {
    this.#waiting.push(...lines);
    this.#drawSoon();
  }

  /** Changes what stands before the line. */
  setPrompt(prompt: Prompt): void {
    this.#prompt = prompt;
    this.#drawSoon();
  }

  /** Shows what still waits and gives the terminal back as it was. Only the first call counts. */
  close(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#clearLine();
    this.#prompt = { rows: [], before: [] };
    this.#draw();
    this.#line.close();
    process.stdout.off("resize", this.#resized);
    this.#display.write(PASTE_MODE_OFF);
    Deno.stdin.setRaw(false);
  }

  /** Everything at once when nothing was drawn for a while, else a little later, together. */
  #drawSoon(): void {
    if (this.#isDrawing || this.#over.signal.aborted) return;
    this.#isDrawing = true;
    const { clock } = this.#options;
    const waitMs = this.#drawnAt + REDRAW_MS - clock.monotonic();
    const draw = () => {
      this.#isDrawing = false;
      if (!this.#over.signal.aborted) this.#draw();
    };
    if (waitMs <= 0) queueMicrotask(draw);
    else clock.sleep(waitMs, this.#over.signal).then(draw);
  }

  #draw(): void {
    const text = this.#waiting.map((line) => this.#formatLine(line)).join("");
    this.#waiting = [];
    this.#above(text);
    this.#drawnAt = this.#options.clock.monotonic();
  }

  /** Writes above the line: goes to its first row, clears, writes, and lets it be drawn anew. */
  #above(text: string): void {
    const { rows } = this.#line.getCursorPos();
    this.#clearFrom(rows);
    // prompt(true) goes up as many rows as the cursor was below the first one.
    this.#display.write(text + "\n".repeat(rows));
    this.#line.setPrompt(this.#formatPrompt());
    this.#line.prompt(true);
  }

  /** Terminals of today break their rows anew when they are resized, and take the cursor along. */
  #resize(): void {
    const { rows } = this.#line.getCursorPos();
    this.#display.columns = widthNow();
    this.#clearFrom(this.#line.getCursorPos().rows);
    this.#display.write("\n".repeat(rows));
    this.#line.setPrompt(this.#formatPrompt());
    this.#line.prompt(true);
  }

  /** Clears the line that begins so many rows above the cursor, and all below it. */
  #clearFrom(rows: number): void {
    const output = this.#display as unknown as NodeJS.WritableStream;
    readline.moveCursor(output, 0, -rows);
    readline.cursorTo(output, 0);
    readline.clearScreenDown(output);
  }

  /** The line with its newlines; before the first one of a day, the day. */
  #formatLine(line: Line): string {
    const { paint } = this.#options;
    const { current } = this.#prompt;
    const options = { time: formatClock, ...(current === undefined ? {} : { current }) };
    const rows = [...layOut(line, options)];
    const day = line.kind === "event" ? formatDay(line.event.time) : this.#day;
    if (day !== this.#day) rows.unshift(...layOut(notice(day), options));
    this.#day = day;
    return rows.map((row) => formatRow(row, paint) + "\n").join("");
  }

  #formatPrompt(): string {
    const { paint } = this.#options;
    const rows = this.#prompt.rows.map((row) => formatRow(this.#clip(row), paint) + "\n");
    return rows.join("") + formatRow(this.#clip(this.#prompt.before), paint);
  }

  async #read(): Promise<void> {
    const splitter = new PasteSplitter();
    const buffer = new Uint8Array(16 * 1024);
    while (!this.#over.signal.aborted) {
      // A terminal that is gone ends like one whose person has left.
      const length = await Deno.stdin.read(buffer).catch(() => null);
      if (length === null) return this.#leave("end");
      for (const piece of splitter.push(buffer.subarray(0, length))) this.#take(piece);
    }
  }

  #take(piece: Piece): void {
    if (this.#over.signal.aborted) return;
    if (piece.kind === "dropped") {
      return this.show([failure("The paste is too long for a message")]);
    }
    if (piece.kind === "pasted") return this.#paste(piece.text);
    // Enter and Ctrl-D are ours; all other keys are readline's.
    for (const keys of piece.keys.split(OWN_KEYS)) {
      if (keys === "\r" || keys === "\n") this.#enter();
      else if (keys === CTRL_D && this.#line.line === "") this.#leave("end");
      else this.#press(keys);
    }
  }

  #press(keys: string): void {
    if (keys !== "" && !this.#over.signal.aborted) this.#keys.emit("data", keys);
  }

  /** A short paste goes into the line; a long one stands there by a name. */
  #paste(text: string): void {
    if (text.length <= SHORT_PASTE && !/[\n\t]/.test(text)) return this.#press(text);
    const lines = text.split("\n").length;
    const size = lines === 1 ? countOf(text.length, "character") : countOf(lines, "line");
    const name = `[paste ${this.#pastes.size + 1}: ${size}]`;
    this.#pastes.set(name, text);
    this.#press(name);
  }

  /** Takes the line off the screen, where it will come back as what was said. */
  #enter(): void {
    if (this.#over.signal.aborted) return;
    this.#line.write(null, { ctrl: true, name: "e" });
    const { rows } = this.#line.getCursorPos();
    const typed = this.#line.line;
    this.#press("\r");
    this.#clearFrom(rows + 1);
    this.#line.prompt();
    let text = typed;
    for (const [name, paste] of this.#pastes) text = text.replaceAll(name, () => paste);
    this.#options.entered({ typed, text });
  }

  /** Ctrl-C: an unfinished line is cleared; without one, the second time leaves. */
  #interrupt(): void {
    const now = this.#options.clock.monotonic();
    const isSecond = now - this.#interruptedAt < AGAIN_MS;
    this.#interruptedAt = now;
    if (isSecond) return this.#leave("interrupt");
    if (this.#line.line !== "") this.#clearLine();
    else this.show([notice("Ctrl-C once more leaves")]);
  }

  #clearLine(): void {
    this.#line.write(null, { ctrl: true, name: "e" });
    this.#line.write(null, { ctrl: true, name: "u" });
  }

  #leave(by: "end" | "interrupt"): void {
    if (!this.#over.signal.aborted) this.#options.leave(by);
  }

  #clip(row: Row): Row {
    return clip(row, this.#display.columns);
  }
}

/** A row cut to what surely fits, counting all but ASCII as wide. */
function clip(row: Row, columns: number): Row {
  let room = columns - 2;
  const clipped: Span[] = [];
  for (const { text, style } of row) {
    let kept = "";
    for (const character of text.replaceAll("\t", " ")) {
      room -= character <= "\x7e" ? 1 : 2;
      if (room < 0) break;
      kept += character;
    }
    clipped.push({ text: kept, style });
    if (room < 0) return [...clipped, { text: "…", style: "dim" }];
  }
  return clipped;
}
