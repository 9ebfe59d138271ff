// A chat for a person with a screen reader: lines come one below the other, nothing is drawn again, and
// nothing appears while a line is being typed. Knows keys and lines, not what they mean.

import type { Prompt, PromptOptions } from "../prompt_view.ts";
import { type Line, notice, type View } from "../view_lines.ts";
import { likelyWidth } from "../screen/cell_width.ts";
import { BELL } from "../screen/signals.ts";
import { safeText } from "../safe_text.ts";
import { editDraft } from "../input/text_editor.ts";
import { UndrawnLines } from "../undrawn_lines.ts";
import type { BurstInput } from "../input/bursts.ts";
import { Draft, type Unit } from "../input/draft.ts";
import { KeyReader } from "../input/key_reader.ts";
import { PasteConfirmation, pastesOf, previewOf } from "../input/large_paste.ts";
import { SecretEntry } from "../input/secret_entry.ts";
import type { Lending, OpenTerminal, Terminal } from "../process_terminal.ts";
import { formatPlain, toPlainText } from "./plain_text.ts";

/** Lines wait no longer for a line that is being typed. */
const HELD_MS = 30_000;
/** A second Ctrl-C within this leaves. */
const AGAIN_MS = 2_000;

type PlainOptions =
  & Pick<PromptOptions, "clock" | "complete" | "completeWord" | "entered" | "leave">
  & Pick<PromptOptions, "shortcut" | "typed" | "attended" | "isSecret" | "editor">
  & { readonly openTerminal: OpenTerminal };

export class PlainView implements View {
  readonly #options: PlainOptions;
  readonly #terminal: Terminal;
  readonly #over = new AbortController();
  readonly #held = new UndrawnLines();
  #prompt: Pick<Prompt, "current" | "you"> = {};
  #draft = Draft.EMPTY;
  /** Ends the wait of the lines that are held. */
  #typing: AbortController | undefined;
  #holds = true;
  #interruptedAt = -Infinity;
  readonly #pastes = new PasteConfirmation();
  #secrets: SecretEntry | undefined;
  /** Whether the last input was Ctrl-X. */
  #isChord = false;

  /** Takes the terminal over; `close` restores it. */
  constructor(options: PlainOptions) {
    this.#options = options;
    this.#terminal = options.openTerminal({
      resized: () => {},
      continued: () => {},
      drained: () => this.#flush(),
    });
    new KeyReader({
      terminal: this.#terminal,
      clock: options.clock,
      signal: this.#over.signal,
      take: (inputs) => this.#takeAll(inputs),
      gone: () => options.leave("gone"),
    });
  }

  show(lines: readonly Line[]): void {
    this.#held.add(lines);
    this.#held.dropOldest();
    this.#flush();
  }

  setPrompt(prompt: Prompt): void {
    this.#prompt = prompt;
  }

  get draft(): Draft {
    return this.#draft;
  }

  /** Another draft in the line: it is written below what stood there. */
  exchangeDraft(draft: Draft): Draft {
    const before = this.#draft;
    if (!before.isEmpty) this.#write("\n");
    this.#draft = draft.at(draft.units.length);
    this.#write(shownOf(draft.units));
    this.#noteTyping();
    return before;
  }

  /** Gives the terminal to another program while `work` runs, from now on. */
  async lend(work: Lending): Promise<void> {
    this.#write("\n");
    await this.#terminal.lend(work);
    if (!this.#over.signal.aborted) this.#flush();
  }

  ring(): void {
    if (this.#terminal.isBusy) return;
    this.#write(BELL);
  }

  /** Whether lines wait while one is being typed. */
  setHold(holds: boolean): void {
    this.#holds = holds;
    this.#flush();
  }

  /** Asks for secrets; nothing of them is shown. Undefined when the person answers nothing. */
  async askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined> {
    const entry = this.#secrets = new SecretEntry(questions);
    this.#write(toPlainText(entry.question));
    const answers = await entry.answers;
    return answers.kind === "entered" ? answers.texts : undefined;
  }

  /** Shows what is held and restores the terminal. */
  async close(): Promise<void> {
    this.#over.abort();
    this.#typing?.abort();
    if (!this.#draft.isEmpty) this.#write("\n");
    this.#writeHeld();
    await this.#terminal.close();
  }

  #takeAll(inputs: readonly BurstInput[]): void {
    this.#options.attended?.("key");
    for (const input of inputs) {
      if (this.#over.signal.aborted) return;
      if (this.#secrets === undefined) this.#take(input);
      else this.#takeSecret(input, this.#secrets);
    }
    this.#noteTyping();
    this.#options.typed?.();
  }

  #takeSecret(input: BurstInput, secrets: SecretEntry): void {
    const before = secrets.question;
    const isOver = secrets.take(input);
    if (isOver) this.#secrets = undefined;
    if (isOver || secrets.question !== before) this.#write("\n");
    if (!isOver && secrets.question !== before) this.#write(toPlainText(secrets.question));
  }

  #take(input: BurstInput): void {
    const isChord = this.#isChord;
    this.#isChord = input.kind === "key" && input.key === "ctrl-x";
    if (isChord && input.kind === "key" && input.key === "ctrl-e") return this.#edit();
    if (input.kind === "text") this.#append(Draft.of(input.text).units);
    else if (input.kind === "paste" || input.kind === "burst") this.#paste(input.text);
    else if (input.kind === "key") this.#press(input.key);
    else if (input.kind === "droppedPaste") this.show([notice("The paste is too long")]);
  }

  #paste(text: string): void {
    if (!text.includes("\n")) return this.#append(Draft.of(text).units);
    const lines = text.replace(/\n+$/, "").split("\n").length;
    this.#append([{ text, label: `[paste of ${lines} lines]` }]);
  }

  #append(units: readonly Unit[]): void {
    this.#draft = new Draft(
      [...this.#draft.units, ...units],
      this.#draft.units.length + units.length,
    );
    this.#write(shownOf(units));
  }

  #press(key: string): void {
    const { isEmpty } = this.#draft;
    if (key === "enter") this.#enter();
    else if (key === "backspace") this.#erase(1);
    else if (key === "ctrl-w") this.#erase(this.#wordLength());
    else if (key === "tab") this.#complete();
    else if (key === "ctrl-j" || key === "alt-enter") this.#append(["\n"]);
    else if (key === "ctrl-u" || (key === "ctrl-c" && !isEmpty)) this.#discard();
    else if (key === "ctrl-c") this.#interrupt();
    else if (key === "ctrl-d" && isEmpty) this.#options.leave("end");
    else if (key === "alt-p") this.show(pastesOf(this.#draft).flatMap(previewOf).map(notice));
    else this.#options.shortcut?.(key);
  }

  #enter(): void {
    this.#write("\n");
    const draft = this.#draft;
    const question = this.#pastes.findQuestion(draft);
    if (question !== undefined) return question.forEach((text) => this.#writeLine(notice(text)));
    this.#draft = Draft.EMPTY;
    const typed = draft.shown;
    const text = draft.text.replace(/\n+$/, "");
    const isPastedSlash = text.startsWith("/") && !typed.startsWith("/");
    this.#options.entered({ typed, text: isPastedSlash ? `/${text}` : text });
  }

  #edit(): void {
    const { editor, isSecret = () => false } = this.#options;
    if (editor === undefined) return;
    const show = (line: Line) => this.show([line]);
    void editDraft({ editor, line: this, isSecret, show });
  }

  #discard(): void {
    if (this.#draft.isEmpty) return;
    this.#draft = Draft.EMPTY;
    this.#write("\n");
    this.#writeLine(notice("Line cleared"));
  }

  #interrupt(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#interruptedAt < AGAIN_MS) return this.#options.leave("interrupt");
    this.#interruptedAt = now;
    this.show([notice("Ctrl-C once more leaves")]);
  }

  /** Takes the last units back, as every terminal's own line does. */
  #erase(count: number): void {
    const { units } = this.#draft;
    const kept = units.slice(0, Math.max(0, units.length - count));
    const width = units.slice(kept.length)
      .reduce((sum, unit) => sum + likelyWidth(shownOf([unit])), 0);
    this.#draft = new Draft(kept, kept.length);
    this.#write("\b \b".repeat(width));
  }

  #wordLength(): number {
    const { units } = this.#draft;
    return units.length - this.#draft.target({ to: "left", by: "blank" });
  }

  #complete(): void {
    const line = this.#draft.shown;
    const words = /^\/\S*$/.test(line)
      ? this.#options.complete(line)
      : this.#options.completeWord?.(line) ?? [];
    const [word, ...others] = words;
    if (word === undefined) return;
    if (others.length > 0) return this.#writeChoices(words);
    this.#erase(/\S*$/.exec(line)?.[0].length ?? 0);
    this.#append(Draft.of(word).units);
  }

  #writeChoices(words: readonly string[]): void {
    this.#write("\n");
    this.#writeLine(notice(words.map((word) => word.trim()).join(", ")));
    this.#write(shownOf(this.#draft.units));
  }

  /** Lines wait from the first key of a line on, up to half a minute. */
  #noteTyping(): void {
    if (this.#draft.isEmpty) {
      this.#typing?.abort();
      this.#typing = undefined;
      return this.#flush();
    }
    if (this.#typing !== undefined) return;
    const typing = this.#typing = new AbortController();
    const signal = AbortSignal.any([typing.signal, this.#over.signal]);
    this.#options.clock.sleep(HELD_MS, signal).then(() => {
      if (signal.aborted) return;
      this.#typing = undefined;
      this.#writeHeldWithin();
      this.#noteTyping();
    });
  }

  #flush(): void {
    if (this.#over.signal.aborted || this.#terminal.isBusy || this.#secrets !== undefined) return;
    if (this.#draft.isEmpty) this.#writeHeld();
    else if (!this.#holds) this.#writeHeldWithin();
  }

  /** The line that is being typed is written again below. */
  #writeHeldWithin(): void {
    const lines = this.#held.take();
    if (lines.length === 0) return;
    this.#write("\n");
    for (const line of lines) this.#writeLine(line);
    this.#write(shownOf(this.#draft.units));
  }

  #writeHeld(): void {
    for (const line of this.#held.take()) this.#writeLine(line);
  }

  #writeLine(line: Line): void {
    const { columns } = this.#terminal.size;
    const { current, you: user } = this.#prompt;
    const rows = formatPlain(line, { columns, current, user });
    this.#write(rows.map((row) => `${row}\n`).join(""));
  }

  #write(text: string): void {
    this.#terminal.write(text.replaceAll("\n", "\r\n"));
  }
}

function shownOf(units: readonly Unit[]): string {
  return units.map((unit) =>
    typeof unit === "object" ? unit.label : unit === "\n" ? " / " : safeText(unit)
  ).join("");
}
