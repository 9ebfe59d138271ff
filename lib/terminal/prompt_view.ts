// The view of a person who chats: lines above, a prompt, a line being typed. It sets the pace of drawing
// and decides which keys leave. Knows lines, not what they mean.

import type { Prompt } from "./screen/block.ts";
import type { Draft } from "./input/draft.ts";
import { failure, type Line, notice, type View } from "./view_lines.ts";
import { PasteConfirmation, pastesOf, previewOf } from "./input/large_paste.ts";
import { LiveLine } from "./live_line.ts";
import { type Frame, ShownLines } from "./shown_lines.ts";
import { type Lending, openProcessTerminal } from "./process_terminal.ts";
import { BELL, formatNotification, formatTitle, POP_TITLE, PUSH_TITLE } from "./screen/signals.ts";
import { editDraft } from "./input/text_editor.ts";
import type { PromptOptions } from "./prompt_options.ts";
import { UndrawnLines } from "./undrawn_lines.ts";

export type { Prompt } from "./screen/block.ts";
export type { PromptOptions } from "./prompt_options.ts";

/** Lines are drawn at most twenty times a second, however many arrive. */
const REDRAW_MS = 50;
/** A second Ctrl-C within this leaves. */
const AGAIN_MS = 2_000;

/** The terminal of a person who talks. */
export class PromptView implements View {
  readonly #options: PromptOptions;
  readonly #line: LiveLine;
  readonly #over = new AbortController();
  readonly #undrawn = new UndrawnLines();
  readonly #shown: ShownLines;
  #closing: Promise<void> | undefined;
  #current: string | undefined;
  /** The window's title, once it was set. */
  #title: string | undefined;
  readonly #pastes = new PasteConfirmation();
  #isScheduled = false;
  /** Whether there was something to draw while the terminal was busy. */
  #isOverdue = false;
  /** Whether the screen is drawn again for another size; nothing else is drawn meanwhile. */
  #isResizing = false;
  #drawnAt = -Infinity;
  #interruptedAt = -Infinity;

  /** Takes the terminal over; `close` restores it. */
  constructor(options: PromptOptions) {
    const { clock, paint, history, complete, isSecret, openTerminal = openProcessTerminal } =
      options;
    this.#options = options;
    this.#shown = new ShownLines(paint);
    this.#line = new LiveLine({
      openTerminal,
      clock,
      paint,
      history,
      complete,
      isSecret,
      ...(options.completeWord === undefined ? {} : { completeWord: options.completeWord }),
      mayEnter: (draft) => this.#mayEnter(draft),
      entered: (draft) => this.#enter(draft),
      pressed: (key) => this.#press(key),
      candidates: (names) => this.show([notice(names.join("  "))]),
      pasted: (what) => this.show([what === "burst" ? notice(BURST) : failure(TOO_LONG)]),
      shortcut: (key) => this.#preview(key) || (options.shortcut?.(key) ?? false),
      attended: (how) => options.attended?.(how),
      changed: () => {
        this.#drawLine();
        options.typed?.();
      },
      continued: () => {
        this.#shown.forget();
        this.#drawLine();
      },
      drained: () => this.#drained(),
      gone: () => this.#leave("gone"),
    });
    this.#drawLine();
  }

  /** When the terminal takes nothing for long, the oldest lines are dropped; a line says so later. */
  show(lines: readonly Line[]): void {
    this.#undrawn.add(lines);
    if (this.#line.isBusy) this.#undrawn.dropOldest();
    this.#drawSoon();
  }

  /** What is typed and not entered. */
  get draft(): Draft {
    return this.#line.draft;
  }

  /** Puts another draft into the line. @returns the one that stood there */
  exchangeDraft(draft: Draft): Draft {
    const before = this.#line.exchangeDraft(draft);
    this.#drawSoon();
    return before;
  }

  /** Gives the terminal to another program while `work` runs, from now on. */
  async lend(work: Lending): Promise<void> {
    await this.#line.lend(work);
    this.#drawSoon();
  }

  /** Changes what stands before the line. */
  setPrompt(prompt: Prompt): void {
    this.#current = prompt.current;
    this.#setTitle(prompt.title);
    this.#line.setPrompt(prompt);
    this.#drawSoon();
  }

  /**
   * Asks for secrets in place of the line: nothing of them is shown, or remembered. Undefined when the
   * person wants to answer nothing. One call at a time.
   */
  async askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined> {
    const asked = this.#line.askSecrets(questions);
    this.#drawLine();
    const answers = await asked;
    return answers.kind === "entered" ? answers.texts : undefined;
  }

  /**
   * Shows what still waits and restores the terminal. Only the first call counts. Resolves soon,
   * whether or not the terminal takes anything.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Calls a person who looks somewhere else. */
  ring(text: string): void {
    if (this.#isOver || this.#line.isBusy) return;
    const { program } = this.#options;
    const notification = formatNotification(text, { name: this.#line.terminalName, program });
    this.#line.signal(BELL + notification);
  }

  #setTitle(title: string | undefined): void {
    if (title === undefined || title === this.#title || this.#isOver || this.#line.isBusy) return;
    this.#line.signal((this.#title === undefined ? PUSH_TITLE : "") + formatTitle(title));
    this.#title = title;
  }

  #close(): Promise<void> {
    this.#over.abort();
    if (this.#title !== undefined) this.#line.signal(POP_TITLE);
    return this.#line.close(this.#takeRows());
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Everything at once when nothing was drawn for a while, else a little later, together. */
  #drawSoon(): void {
    if (this.#isScheduled || this.#isOver) return;
    this.#isScheduled = true;
    const { clock } = this.#options;
    const waitMs = this.#drawnAt + REDRAW_MS - clock.monotonic();
    const draw = () => {
      this.#isScheduled = false;
      if (!this.#mayDraw()) return;
      this.#line.draw(this.#takeRows());
      this.#drawnAt = clock.monotonic();
    };
    if (waitMs <= 0) queueMicrotask(draw);
    else clock.sleep(waitMs, this.#over.signal).then(draw);
  }

  /** Draws the line by itself, as a key is to be seen at once. */
  #drawLine(): void {
    if (this.#mayDraw()) this.#line.draw();
  }

  /** What a busy terminal has yet to take comes first, and so does another size. */
  #mayDraw(): boolean {
    if (this.#isOver) return false;
    if (this.#line.isBusy || this.#isResizing) this.#isOverdue = true;
    else if (this.#line.isResized) void this.#resize();
    else return true;
    return false;
  }

  #drained(): void {
    if (!this.#isOverdue || this.#isResizing) return;
    this.#isOverdue = false;
    // A key that was pressed meanwhile is seen at once; lines keep their pace.
    this.#drawLine();
    this.#drawSoon();
  }

  async #resize(): Promise<void> {
    this.#isResizing = true;
    await this.#line.resize(({ scrolledOff, ...space }) => {
      const rewritten = this.#shown.rewrite({ ...this.#frame(), ...space });
      this.#shown.addRemnant(scrolledOff);
      return rewritten;
    });
    this.#isResizing = false;
    this.#drawSoon();
  }

  #takeRows(): readonly string[] {
    return this.#shown.add(this.#undrawn.take(), this.#frame());
  }

  #frame(): Frame {
    return { columns: this.#line.columns, current: this.#current };
  }

  /** A large paste is shown first, once; another Enter sends it. */
  #mayEnter(draft: Draft): boolean {
    const question = this.#pastes.findQuestion(draft);
    if (question !== undefined) this.show(question.map(notice));
    return question === undefined;
  }

  /** Alt-P shows what the pastes of the draft hold. @returns whether it is that key */
  #preview(key: string): boolean {
    if (key !== "alt-p") return false;
    const pastes = pastesOf(this.#line.draft);
    this.show((pastes.length === 0 ? [NO_PASTE] : pastes.flatMap(previewOf)).map(notice));
    return true;
  }

  #enter(draft: Draft): void {
    const typed = trimEnd(draft.shown);
    const text = trimEnd(draft.text);
    // Two slashes at the start of a text stand for one.
    const isPastedSlash = text.startsWith("/") && !typed.startsWith("/");
    this.#options.entered({ typed, text: isPastedSlash ? `/${text}` : text });
  }

  #press(key: "interrupt" | "interrupt again" | "end" | "suspend" | "edit"): void {
    const { stays, notSuspended, clock } = this.#options;
    if (key === "edit") return this.#edit();
    const instead = key === "suspend" ? stays ?? notSuspended : stays;
    if (instead !== undefined) return this.show([notice(instead)]);
    if (key === "suspend") return this.#line.offerSuspension();
    if (key === "end") return this.#leave("end");
    const now = clock.monotonic();
    const isSecond = key === "interrupt again" && now - this.#interruptedAt < AGAIN_MS;
    this.#interruptedAt = now;
    if (isSecond) this.#leave("interrupt");
    else this.show([notice("Ctrl-C once more leaves")]);
  }

  #edit(): void {
    const { editor, isSecret = () => false } = this.#options;
    if (editor === undefined) return;
    const show = (line: Line) => this.show([line]);
    void editDraft({ editor, line: this, isSecret, show });
  }

  #leave(by: "end" | "interrupt" | "gone"): void {
    if (!this.#isOver) this.#options.leave(by);
  }
}

/** Without newlines at the end: an Alt-Enter too many adds those. */
function trimEnd(text: string): string {
  return text.replace(/\n+$/, "");
}

const BURST = "Several lines came at once: Enter sends them as one message, Ctrl-C drops them";
const NO_PASTE = "There is no paste in the line";
const TOO_LONG = "The paste is too long for a message";
