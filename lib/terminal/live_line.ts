// The line being typed: bytes become keys, keys change the draft, the draft is drawn. It is the one
// writer of the terminal. Knows keys and drafts, not what an entered line means.

import { type Block, layOutBlock, type Prompt } from "./screen/block.ts";
import { type CursorReport, CursorReports } from "./screen/cursor_reports.ts";
import type { BurstInput } from "./input/bursts.ts";
import { Draft } from "./input/draft.ts";
import { Editor } from "./input/editor.ts";
import { KeyReader } from "./input/key_reader.ts";
import { type SecretAnswers, SecretEntry } from "./input/secret_entry.ts";
import { ASK_ATTRIBUTES, type DeviceAttributes, reflowsRows } from "./screen/resize_reflow.ts";
import { Renderer } from "./screen/renderer.ts";
import type { Rewritten } from "./shown_lines.ts";
import type { LiveLineOptions, Space } from "./live_line_options.ts";
import type { Lending, Size, Terminal } from "./process_terminal.ts";

/** A paste of one line, no longer than this, is put into the draft as text. */
const SHORT_PASTE = 200;

const SUSPENDING: Prompt = {
  rows: [],
  before: [{ text: "Ctrl-Z once more suspends, Enter goes on", style: "dim" }],
};

/** What the terminal itself reports; no key. */
type Report = Extract<BurstInput, { kind: "cursor" | "attributes" | "focus" }>;

function isReport(input: BurstInput): input is Report {
  return input.kind === "cursor" || input.kind === "attributes" || input.kind === "focus";
}

/** A line in a terminal, from `new` to `close`. */
export class LiveLine {
  readonly #options: LiveLineOptions;
  readonly #terminal: Terminal;
  readonly #editor: Editor;
  readonly #renderer = new Renderer();
  readonly #over = new AbortController();
  #prompt: Prompt = { rows: [], before: [] };
  /** The size for which everything on the screen is drawn. */
  #size: Size;
  readonly #cursor: CursorReports;
  #attributes: DeviceAttributes | undefined;
  #isSuspending = false;
  /** Secrets are asked for in place of the line; nothing of them is shown or remembered. */
  #secrets: SecretEntry | undefined;
  /** Whether the last input was a Ctrl-C on an empty line. */
  #isInterrupted = false;
  /** Whether the last input was Ctrl-X. */
  #isChord = false;

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
    this.#cursor = new CursorReports({
      clock: options.clock,
      write: (text) => this.#terminal.write(text),
      signal: this.#over.signal,
    });
    new KeyReader({
      terminal: this.#terminal,
      clock: options.clock,
      signal: this.#over.signal,
      take: (inputs) => this.#takeAll(inputs),
      gone: options.gone,
    });
  }

  get columns(): number {
    return this.#size.columns;
  }

  /** Whether the window has another size than what stands on the screen. */
  get isResized(): boolean {
    const { columns, rows } = this.#terminal.size;
    return columns !== this.#size.columns || rows !== this.#size.rows;
  }

  /** The terminal's name in terminfo. */
  get terminalName(): string {
    return this.#terminal.name;
  }

  /** Writes what moves no cursor: a bell, a title. */
  signal(sequence: string): void {
    this.#terminal.write(sequence);
  }

  get isBusy(): boolean {
    return this.#terminal.isBusy;
  }

  setPrompt(prompt: Prompt): void {
    this.#prompt = prompt;
  }

  get draft(): Draft {
    return this.#editor.draft;
  }

  /** Puts another draft into the line. @returns the one that stood there */
  exchangeDraft(draft: Draft): Draft {
    return this.#editor.exchange(draft);
  }

  /** Gives the terminal to another program while `work` runs, from now on; then draws the line again. */
  async lend(work: Lending): Promise<void> {
    this.#terminal.write(this.#renderer.erase());
    await this.#terminal.lend(work);
    if (!this.#over.signal.aborted) this.#continued();
  }

  /** Asks for secrets in place of the line; what is typed there stays. One call at a time. */
  askSecrets(questions: readonly string[]): Promise<SecretAnswers> {
    this.#secrets = new SecretEntry(questions);
    return this.#secrets.answers;
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
    let report: CursorReport | undefined;
    // Asked for no earlier: an answer that comes after the end would be typed into the shell. A terminal
    // answers in order, so that its attributes are known before the position of the cursor.
    if (this.#attributes === undefined) this.#terminal.write(ASK_ATTRIBUTES);
    do {
      this.#size = this.#terminal.size;
      report = await this.#cursor.ask();
      if (this.#over.signal.aborted) return;
    } while (this.isResized);
    const { columns, rows: height } = this.#size;
    // Without columns a row stays the one row that it is.
    const brokenAt = reflowsRows(this.#terminal.name, this.#attributes) ? columns : undefined;
    const blockRows = this.#renderer.rowsAboveCursor({ brokenAt, reported: report?.column });
    if (report === undefined) {
      this.#terminal.write(this.#renderer.eraseReflowed(blockRows));
      return this.draw();
    }
    const rowsAbove = report.row - 1 - blockRows;
    const scrolledOff = this.#renderer.firstRows({ brokenAt, height: -rowsAbove });
    const { kept, isCut, rows } = rewrite({
      rowsAbove: Math.max(0, rowsAbove),
      columns,
      brokenAt,
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
    const { paint } = this.#options;
    const { draft, search } = this.#editor;
    if (this.#isSuspending) {
      return layOutBlock({ prompt: SUSPENDING, draft: Draft.EMPTY, columns, height, paint });
    }
    if (this.#secrets !== undefined) {
      const before = [{ text: this.#secrets.question, style: "bold" as const }];
      return layOutBlock({
        prompt: { rows: [], before },
        draft: Draft.EMPTY,
        columns,
        height,
        paint,
      });
    }
    const label = `(search ${JSON.stringify(search?.query)}) `;
    const prompt: Prompt = search === undefined
      ? this.#prompt
      : { ...this.#prompt, before: [{ text: label, style: "bold" }] };
    return layOutBlock({ prompt, draft, columns, height, paint });
  }

  /** The cursor is in a row that the shell or the terminal driver has begun. */
  #continued(): void {
    this.#isSuspending = false;
    this.#renderer.forget();
    this.#size = this.#terminal.size;
    this.#options.continued();
  }

  #takeAll(inputs: readonly BurstInput[]): void {
    const typed = inputs.flatMap((input) => isReport(input) ? [] : [input]);
    for (const input of inputs) if (isReport(input)) this.#takeReport(input);
    if (typed.length === 0) return;
    this.#options.attended("key");
    if (this.#isSuspending) {
      this.#terminal.setMode("keys");
      return this.#continued();
    }
    for (const input of typed) {
      if (this.#over.signal.aborted) return;
      if (this.#secrets === undefined) this.#take(input);
      else if (this.#secrets.take(input)) this.#secrets = undefined;
    }
    this.#options.changed();
  }

  #takeReport(report: Report): void {
    if (report.kind === "cursor") this.#cursor.report(report);
    else if (report.kind === "attributes") this.#attributes = report;
    else this.#options.attended(report.isFocused ? "focus" : "blur");
  }

  #take(input: Exclude<BurstInput, Report>): void {
    const [wasInterrupted, isChord] = [this.#isInterrupted, this.#isChord];
    this.#isInterrupted = false;
    this.#isChord = input.kind === "key" && input.key === "ctrl-x";
    if (isChord && input.kind === "key" && input.key === "ctrl-e") {
      return this.#options.pressed("edit");
    }
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
    }
  }

  /** A short paste is put in as text, a longer one as a unit. */
  #paste(text: string): void {
    if (text.length <= SHORT_PASTE && !/[\n\t]/.test(text)) this.#editor.insertText(text);
    else this.#editor.insertPaste(text);
  }

  #press(key: string, wasInterrupted: boolean): void {
    const isEmpty = this.#editor.draft.isEmpty && this.#editor.search === undefined;
    if (key === "enter") this.#enter();
    else if (key === "tab") this.#complete();
    else if (key === "ctrl-l") this.#clearScreen();
    else if (key === "ctrl-z") this.#options.pressed("suspend");
    else if (key === "ctrl-c" && !isEmpty) this.#editor.discard();
    else if (key === "ctrl-c") {
      this.#isInterrupted = true;
      this.#options.pressed(wasInterrupted ? "interrupt again" : "interrupt");
    } else if (key === "ctrl-d" && isEmpty) this.#options.pressed("end");
    else if (!this.#options.shortcut(key)) this.#editor.press(key);
  }

  #enter(): void {
    if (this.#options.mayEnter(this.#editor.draft)) this.#options.entered(this.#editor.enter());
  }

  /** Shows nothing but a hint, and lets the next Ctrl-Z suspend the process. */
  offerSuspension(): void {
    this.#isSuspending = true;
    this.draw();
    this.#terminal.setMode("restored");
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
