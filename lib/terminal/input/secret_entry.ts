// Secrets being typed, one after the other, as values: what is typed is neither shown nor kept in a
// history. Pure.

import type { BurstInput } from "./bursts.ts";
import { Draft } from "./draft.ts";

/** How the questions ended: all answered, `interrupted` by Ctrl-C, or `ended` by Ctrl-D on an empty line. */
export type SecretAnswers =
  | { readonly kind: "entered"; readonly texts: readonly string[] }
  | { readonly kind: "interrupted" | "ended" };

export class SecretEntry {
  readonly #questions: readonly string[];
  readonly #end = Promise.withResolvers<SecretAnswers>();
  #isOver = false;
  readonly #texts: string[] = [];
  #draft = Draft.EMPTY;

  /** @param questions at least one */
  constructor(questions: readonly string[]) {
    this.#questions = questions;
  }

  /** What is asked now; the last question when all are answered. */
  get question(): string {
    return this.#questions[this.#texts.length] ?? this.#questions.at(-1) ?? "";
  }

  /** Resolves when the questions have ended. */
  get answers(): Promise<SecretAnswers> {
    return this.#end.promise;
  }

  /** The terminal is gone. */
  end(): void {
    this.#finish({ kind: "ended" });
  }

  /** Takes input of a terminal. @returns whether the questions have ended by it */
  take(input: BurstInput): boolean {
    if (input.kind === "key") this.#press(input.key);
    if (input.kind === "text") this.#draft = this.#draft.insertText(input.text);
    if (input.kind === "paste" || input.kind === "burst") this.#paste(input.text);
    return this.#isOver;
  }

  /** Lines that were pasted answer as many questions. */
  #paste(text: string): void {
    const [first = "", ...rest] = text.split(/\r\n|[\r\n]/);
    this.#draft = this.#draft.insertText(first);
    for (const line of rest) {
      this.#enter();
      if (!this.#isOver) this.#draft = this.#draft.insertText(line);
    }
  }

  #press(key: string): void {
    const { cursor, isEmpty } = this.#draft;
    if (key === "enter" || key === "ctrl-j") this.#enter();
    else if (key === "ctrl-c") this.#finish({ kind: "interrupted" });
    else if (key === "ctrl-d" && isEmpty) this.#finish({ kind: "ended" });
    else if (key === "backspace") this.#draft = this.#draft.without(cursor - 1, cursor);
    else if (key === "ctrl-u") this.#draft = Draft.EMPTY;
  }

  #enter(): void {
    this.#texts.push(this.#draft.text);
    this.#draft = Draft.EMPTY;
    if (this.#texts.length < this.#questions.length) return;
    this.#finish({ kind: "entered", texts: this.#texts });
  }

  #finish(answers: SecretAnswers): void {
    this.#isOver = true;
    this.#draft = Draft.EMPTY;
    this.#end.resolve(answers);
  }
}
