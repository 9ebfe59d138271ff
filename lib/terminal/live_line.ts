// The line being typed: bytes become keys, keys change the draft, the draft is drawn. It is the one
// writer of the terminal. Knows keys and drafts, not what an entered line means.

import { type Block, layOutBlock, type Prompt } from "./block.ts";
import type { WrittenRow } from "./cell_width.ts";
import type { Paint } from "./cells.ts";
import { BurstDetector, type BurstInput } from "./input/bursts.ts";
import type { Draft } from "./input/draft.ts";
import { Editor, type EditorOptions } from "./input/editor.ts";
import { type Input, KeyDecoder } from "./input/keys.ts";
import { Renderer } from "./renderer.ts";
import type { Rewritten } from "./shown_lines.ts";
import type { OpenTerminal, Size, Terminal } from "./terminal.ts";

/** An Esc after which nothing comes for so long is a key by itself. */
const ESCAPE_MS = 50;
/** How long a terminal may take to report its cursor. */
const REPORT_MS = 1_000;
const ASK_CURSOR = "\x1b[6n";
/** A paste of one line, no longer than this, is put into the draft as text. */
const SHORT_PASTE = 200;

const SUSPENDING: Prompt = {
  rows: [],
  before: [{ text: "Ctrl-Z once more suspends, Enter goes on", style: "dim" }],
};

/** The pace of a terminal; handed in so that a test need not wait. */
export interface DrawingClock {
  /** Milliseconds from an arbitrary start; never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface LiveLineOptions extends EditorOptions {
  readonly openTerminal: OpenTerminal;
  readonly clock: DrawingClock;
  readonly paint: Paint;
  /** Enter was pressed; the line is empty again. */
  readonly entered: (draft: Draft) => void;
  /**
   * A key that is not for the editor. `interrupt` and `end` come on an empty line only; `interrupt
   * again` when nothing else came after the last interrupt.
   */
  readonly pressed: (key: "interrupt" | "interrupt again" | "end" | "suspend") => void;
  /** Several candidates complete the line. */
  readonly candidates: (names: readonly string[]) => void;
  /** A paste was too long, or lines came faster than a person types. */
  readonly pasted: (what: "dropped" | "burst") => void;
  /** A key or something else has made the drawing out of date. */
  readonly changed: () => void;
  /** The terminal has taken all that was written. */
  readonly drained: () => void;
  /** The terminal is gone. */
  readonly gone: () => void;
}

/** What stands above the line after the window has got another size. */
export interface Space {
  /** How many rows of the screen. */
  readonly rowsAbove: number;
  readonly columns: number;
  /** Rows of the line itself that the terminal has scrolled off the screen. */
  readonly scrolledOff: readonly WrittenRow[];
}

/** A line in a terminal, from `new` to `close`. */
export class LiveLine {
  readonly #options: LiveLineOptions;
  readonly #terminal: Terminal;
  readonly #editor: Editor;
  readonly #renderer = new Renderer();
  readonly #decoder = new KeyDecoder();
  readonly #bursts = new BurstDetector();
  readonly #over = new AbortController();
  #prompt: Prompt = { rows: [], before: [] };
  /** The size for which everything on the screen is drawn. */
  #size: Size;
  /** Takes the report that the terminal was asked for. */
  #reported: ((place: { readonly row: number; readonly column: number }) => void) | undefined;
  #isSuspending = false;
  /** Whether the last input was a Ctrl-C on an empty line. */
  #isInterrupted = false;
  #isFirstRead = true;

  /** Takes the terminal over. */
  constructor(options: LiveLineOptions) {
    this.#options = options;
    this.#editor = new Editor(options);
    this.#terminal = options.openTerminal({
      resized: options.changed,
      continued: () => this.#continued(),
      drained: options.drained,
    });
    this.#size = this.#terminal.size;
    void this.#read();
  }

  get columns(): number {
    return this.#size.columns;
  }

  /** Whether the window has another size than what stands on the screen. */
  get isResized(): boolean {
    const { columns, rows } = this.#terminal.size;
    return columns !== this.#size.columns || rows !== this.#size.rows;
  }

  get isBusy(): boolean {
    return this.#terminal.isBusy;
  }

  setPrompt(prompt: Prompt): void {
    this.#prompt = prompt;
  }

  /** Draws the line, below these rows if there are any. */
  draw(above: readonly string[] = []): void {
    this.#terminal.write(this.#renderer.draw(this.#block, above));
  }

  /**
   * Draws all again for a window of another size. `rewrite` returns what is to stand on the screen
   * above the line.
   */
  async resize(rewrite: (space: Space) => Rewritten): Promise<void> {
    const report = await this.#measure();
    if (this.#over.signal.aborted) return;
    const { columns, rows: height } = this.#size;
    const blockRows = this.#renderer.rowsAboveCursor({ columns, reported: report?.column });
    if (report === undefined) {
      this.#terminal.write(this.#renderer.eraseReflowed(blockRows));
      return this.draw();
    }
    const rowsAbove = report.row - 1 - blockRows;
    const scrolledOff = this.#renderer.firstRows({ columns, height: -rowsAbove });
    const { kept, isCut, rows } = rewrite({
      rowsAbove: Math.max(0, rowsAbove),
      columns,
      scrolledOff,
    });
    this.#terminal.write(this.#renderer.clearBelow({ kept, isCut, height }));
    this.draw(rows);
  }

  /** Takes the line off the screen and restores the terminal. Resolves soon. */
  async close(above: readonly string[]): Promise<void> {
    this.#over.abort();
    this.#terminal.write(this.#renderer.draw({ rows: [], cursor: { row: 0, column: 0 } }, above));
    await this.#terminal.close();
  }

  get #block(): Block {
    const { columns, rows: height } = this.#size;
    const { draft, search } = this.#editor;
    const { paint } = this.#options;
    if (this.#isSuspending) {
      const [row] = SUSPENDING.before;
      const before = row === undefined ? [] : [row];
      return layOutBlock({
        prompt: { rows: [], before },
        draft: draft.at(0).without(0, draft.units.length),
        columns,
        height,
        paint,
      });
    }
    const searching = `(search ${JSON.stringify(search?.query)}) `;
    const prompt: Prompt = search === undefined
      ? this.#prompt
      : { ...this.#prompt, before: [{ text: searching, style: "bold" }] };
    return layOutBlock({ prompt, draft, columns, height, paint });
  }

  /** Where the terminal has its cursor, at a size that has not changed meanwhile. */
  async #measure(): Promise<{ readonly row: number; readonly column: number } | undefined> {
    for (;;) {
      this.#size = this.#terminal.size;
      const { promise, resolve } = Promise.withResolvers<
        { readonly row: number; readonly column: number } | undefined
      >();
      const answered = new AbortController();
      this.#reported = resolve;
      this.#terminal.write(ASK_CURSOR);
      this.#options.clock.sleep(REPORT_MS, AbortSignal.any([answered.signal, this.#over.signal]))
        .then(() => resolve(undefined));
      const report = await promise;
      answered.abort();
      this.#reported = undefined;
      if (!this.isResized || this.#over.signal.aborted) return report;
    }
  }

  #continued(): void {
    this.#isSuspending = false;
    this.#renderer.forget();
    this.#options.changed();
  }

  async #read(): Promise<void> {
    const { clock, gone } = this.#options;
    const { signal } = this.#over;
    let reads = 0;
    while (!signal.aborted) {
      const bytes = await this.#terminal.read(signal);
      if (signal.aborted) return;
      // In raw mode Ctrl-D is a key: the end of the input is the end of the terminal.
      if (bytes === undefined) return gone();
      const read = ++reads;
      this.#takeAll(this.#decoder.push(bytes));
      if (!this.#decoder.isPending) continue;
      clock.sleep(ESCAPE_MS, signal).then(() => {
        if (read === reads && !signal.aborted) this.#takeAll(this.#decoder.flush());
      });
    }
  }

  #takeAll(inputs: readonly Input[]): void {
    // What was typed before raw mode has an ordinary newline for Enter.
    const typed = this.#isFirstRead ? inputs.map(enterForNewline) : inputs;
    this.#isFirstRead = false;
    if (typed.length === 0) return;
    if (this.#isSuspending) {
      this.#isSuspending = false;
      this.#terminal.setMode("keys");
    }
    for (const input of this.#bursts.take(typed, this.#options.clock.monotonic())) {
      if (this.#over.signal.aborted) return;
      this.#take(input);
    }
    this.#options.changed();
  }

  #take(input: BurstInput): void {
    const wasInterrupted = this.#isInterrupted;
    this.#isInterrupted = false;
    switch (input.kind) {
      case "text":
        return this.#editor.insertText(input.text);
      case "key":
        return this.#press(input.key, wasInterrupted);
      case "paste":
        return this.#paste(input.text);
      case "burst":
        if (input.continues) return this.#editor.extendPaste(input.text);
        this.#editor.insertPaste(input.text);
        return this.#options.pasted("burst");
      case "droppedPaste":
        return this.#options.pasted("dropped");
      case "cursor":
        return this.#reported?.(input);
    }
  }

  /** A short paste is put in as text; a longer one, or one that looks like a command, as a unit. */
  #paste(text: string): void {
    if (text.length <= SHORT_PASTE && !/[\n\t]/.test(text)) this.#editor.insertText(text);
    else this.#editor.insertPaste(text);
  }

  #press(key: string, wasInterrupted: boolean): void {
    const isEmpty = this.#editor.draft.isEmpty && this.#editor.search === undefined;
    if (key === "enter") this.#options.entered(this.#editor.enter());
    else if (key === "tab") this.#complete();
    else if (key === "ctrl-l") this.#clearScreen();
    else if (key === "ctrl-z") this.#options.pressed("suspend");
    else if (key === "ctrl-c" && !isEmpty) this.#editor.discard();
    else if (key === "ctrl-c") {
      this.#isInterrupted = true;
      this.#options.pressed(wasInterrupted ? "interrupt again" : "interrupt");
    } else if (key === "ctrl-d" && isEmpty) this.#options.pressed("end");
    else this.#editor.press(key);
  }

  /** Shows nothing but a hint, and lets the next Ctrl-Z suspend the process. */
  offerSuspension(): void {
    this.#isSuspending = true;
    this.#terminal.setMode("suspendable");
  }

  #complete(): void {
    const candidates = this.#editor.complete();
    if (candidates.length > 0) this.#options.candidates(candidates);
  }

  #clearScreen(): void {
    if (this.isResized) return;
    this.#terminal.write(this.#renderer.scrollOff(this.#size.rows));
    this.draw();
  }
}

function enterForNewline(input: Input): Input {
  return input.kind === "key" && input.key === "ctrl-j" ? { kind: "key", key: "enter" } : input;
}
