// The view of a person who talks: lines above, a prompt, a line being typed. Gathers what arrives,
// tells a paste from typing, and says what was entered. Knows lines, not what they mean.

import { formatRow, type Paint, type Row, type Span } from "./layout.ts";
import { readTyped } from "./keyboard.ts";
import { countOf, failure, type Line, notice, type View } from "./line.ts";
import { LiveLine } from "./live_line.ts";
import { PasteSplitter, type Piece } from "./paste.ts";
import { type Frame, ShownLines } from "./shown_lines.ts";

/** Between two redraws: at most twenty a second, however much arrives. */
const REDRAW_MS = 50;
/** What waits for a terminal that takes nothing: so many lines and characters, the newest. */
const WAITING_LINES = 10_000;
const WAITING_CHARACTERS = 256 * 1024;
/** A second Ctrl-C within this leaves. */
const AGAIN_MS = 2_000;
/** A paste of one line, no longer than this, is put into the line as it is. */
const SHORT_PASTE = 200;

const CTRL_D = "\x04";
/** Enter and Ctrl-D have a meaning here, and a Tab must be over before the next key. */
const SINGLE_KEY = new RegExp(`^[\r\n\t${CTRL_D}]`);
const OTHER_KEYS = new RegExp(`^[^\r\n\t${CTRL_D}]+`);

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
  /** The person wants to leave: Ctrl-D on an empty line, or Ctrl-C twice; or the terminal is gone. */
  readonly leave: (by: "end" | "interrupt" | "gone") => void;
}

/** The rows under which the line is typed, and what stands before it. */
export interface Prompt {
  /** Rows of their own above the line: what waits to be sent. */
  readonly rows: readonly Row[];
  readonly before: Row;
  /** The room that lines need not name. */
  readonly current?: string;
}

/** The terminal of a person who talks. */
export class PromptView implements View {
  readonly #options: PromptOptions;
  readonly #line: LiveLine;
  /** What was typed and pasted and not yet looked at. */
  readonly #pieces: Piece[] = [];
  readonly #pastes = new Map<string, string>();
  readonly #over = new AbortController();
  #closing: Promise<void> | undefined;
  #prompt: Prompt = { rows: [], before: [] };
  #waiting: Line[] = [];
  #waitingCharacters = 0;
  /** How many lines were dropped because the terminal took nothing. */
  #dropped = 0;
  #isDrawing = false;
  /** Whether there was something to draw while the terminal was busy. */
  #isOverdue = false;
  #drawnAt = -Infinity;
  #interruptedAt = -Infinity;
  readonly #shown: ShownLines;
  /** Whether what is above the line was written for another width. */
  #isResized = false;

  /** Takes the terminal over; `close` gives it back. */
  constructor(options: PromptOptions) {
    this.#options = options;
    this.#shown = new ShownLines(options.paint);
    this.#line = new LiveLine({
      history: options.history,
      complete: options.complete,
      interrupted: () => this.#interrupt(),
      resumed: () => this.#takeAll(),
      resized: () => {
        this.#isResized = true;
        this.#drawSoon();
      },
      drained: () => this.#drained(),
    });
    this.#read();
  }

  /** When the terminal takes nothing for long, the oldest lines are dropped, and that is told later. */
  show(lines: readonly Line[]): void {
    this.#waiting.push(...lines);
    for (const line of lines) this.#waitingCharacters += sizeOf(line);
    if (this.#line.isBusy) this.#dropOldest();
    this.#drawSoon();
  }

  /** Changes what stands before the line. */
  setPrompt(prompt: Prompt): void {
    this.#prompt = prompt;
    this.#drawSoon();
  }

  /**
   * Shows what still waits and gives the terminal back as it was. Only the first call counts. Resolves
   * soon, whether or not the terminal takes anything.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    this.#over.abort();
    this.#line.clear();
    this.#prompt = { rows: [], before: [] };
    this.#draw();
    return this.#line.close();
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Everything at once when nothing was drawn for a while, else a little later, together. */
  #drawSoon(): void {
    if (this.#isDrawing || this.#isOver) return;
    this.#isDrawing = true;
    const { clock } = this.#options;
    const waitMs = this.#drawnAt + REDRAW_MS - clock.monotonic();
    const draw = () => {
      this.#isDrawing = false;
      // What a busy terminal has yet to take comes first: then this is drawn.
      if (!this.#isOver && !this.#line.isBusy) this.#draw();
      else this.#isOverdue = true;
    };
    if (waitMs <= 0) queueMicrotask(draw);
    else clock.sleep(waitMs, this.#over.signal).then(draw);
  }

  #drained(): void {
    if (!this.#isOverdue) return;
    this.#isOverdue = false;
    this.#drawSoon();
  }

  #dropOldest(): void {
    let excess = this.#waiting.length - WAITING_LINES;
    let characters = this.#waitingCharacters;
    let count = 0;
    while (excess > 0 || characters > WAITING_CHARACTERS) {
      const line = this.#waiting[count];
      if (line === undefined) break;
      characters -= sizeOf(line);
      count++;
      excess--;
    }
    this.#waiting.splice(0, count);
    this.#waitingCharacters = characters;
    this.#dropped += count;
  }

  #draw(): void {
    const lines = this.#waiting;
    if (this.#dropped > 0) lines.unshift(failure(describeDropped(this.#dropped)));
    const rewritten = this.#isResized ? this.#rewrite() : { rows: 0, text: "" };
    const text = rewritten.text + this.#shown.add(lines, this.#frame());
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#dropped = 0;
    this.#line.above(text, { prompt: this.#formatPrompt(), over: rewritten.rows });
    this.#drawnAt = this.#options.clock.monotonic();
  }

  #rewrite(): { readonly rows: number; readonly text: string } {
    this.#isResized = false;
    return this.#shown.rewrite({ ...this.#frame(), height: this.#line.height });
  }

  #frame(): Frame {
    return { columns: this.#line.columns, current: this.#prompt.current };
  }

  #formatPrompt(): string {
    const { paint } = this.#options;
    const { columns } = this.#line;
    const rows = this.#prompt.rows.map((row) => formatRow(clip(row, columns), paint) + "\n");
    return rows.join("") + formatRow(clip(this.#prompt.before, columns), paint);
  }

  async #read(): Promise<void> {
    const splitter = new PasteSplitter();
    while (!this.#isOver) {
      await this.#line.whenUnstuck();
      const typed = await readTyped(this.#over.signal);
      // In raw mode Ctrl-D is a key: the end of the input is the end of the terminal.
      if (typed === undefined) return this.#leave("gone");
      this.#pieces.push(...splitter.push(typed));
      this.#takeAll();
    }
  }

  /** Takes what has come, in order, for as long as the line takes keys. */
  #takeAll(): void {
    while (!this.#isOver && !this.#line.isPaused) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      if (piece.kind === "typed") this.#takeKeys(piece.keys);
      else if (piece.kind === "pasted") this.#paste(piece.text);
      else this.show([failure("The paste is too long for a message")]);
    }
  }

  /** Takes the first of these keys, or as many as have no meaning here. */
  #takeKeys(typed: string): void {
    const [keys = ""] = SINGLE_KEY.exec(typed) ?? OTHER_KEYS.exec(typed) ?? [];
    const rest = typed.slice(keys.length);
    if (rest !== "") this.#pieces.unshift({ kind: "typed", keys: rest });
    if (keys === "\r" || keys === "\n") this.#enter();
    else if (keys === CTRL_D && this.#line.text === "") this.#leave("end");
    else this.#line.press(keys);
  }

  /** A short paste goes into the line; a long one stands there by a name. */
  #paste(text: string): void {
    if (text.length <= SHORT_PASTE && !/[\n\t]/.test(text)) return this.#line.press(text);
    const lines = text.split("\n").length;
    const size = lines === 1 ? countOf(text.length, "character") : countOf(lines, "line");
    const name = `[paste ${this.#pastes.size + 1}: ${size}]`;
    this.#pastes.set(name, text);
    this.#line.press(name);
  }

  #enter(): void {
    const typed = this.#line.enter();
    const text = typed.replaceAll(/\[paste [^\]]*\]/g, (name) => this.#pastes.get(name) ?? name);
    this.#options.entered({ typed, text });
  }

  /** Ctrl-C: an unfinished line is cleared; without one, the second time leaves. */
  #interrupt(): void {
    const now = this.#options.clock.monotonic();
    const isSecond = now - this.#interruptedAt < AGAIN_MS;
    this.#interruptedAt = now;
    if (isSecond) this.#leave("interrupt");
    else if (this.#line.text !== "") this.#line.clear();
    else this.show([notice("Ctrl-C once more leaves")]);
  }

  #leave(by: "end" | "interrupt" | "gone"): void {
    if (!this.#isOver) this.#options.leave(by);
  }
}

/** About how many characters a line has. */
function sizeOf(line: Line): number {
  return line.kind === "event" ? line.event.content.length : line.text.length;
}

function describeDropped(count: number): string {
  return `${countOf(count, "line")} not shown: the terminal did not take them`;
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
