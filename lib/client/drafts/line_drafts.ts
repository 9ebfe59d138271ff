// Keeps the draft of the current room in the line, and exchanges it when the room changes. Knows no
// connection.

import { Draft } from "../../terminal/input/draft.ts";
import type { Drafts } from "./drafts.ts";

/** The line that a person types in. */
interface TypedLine {
  readonly draft: Draft;
  exchangeDraft(draft: Draft): Draft;
}

export class LineDrafts {
  readonly #line: TypedLine;
  readonly #drafts: Drafts;
  /** The room whose draft stands in the line; undefined before the first one. */
  #room: string | undefined;
  #isLoaded = false;

  constructor(line: TypedLine, drafts: Drafts) {
    this.#line = line;
    this.#drafts = drafts;
  }

  /** Reads the drafts of earlier runs. */
  async load(current: () => string | undefined): Promise<void> {
    await this.#drafts.load();
    this.#isLoaded = true;
    this.change(current());
  }

  /**
   * The current room may be another one.
   * @param options.isAwaited whether the person has asked for it: what was typed since then is for it
   */
  change(current: string | undefined, { isAwaited = false }: { isAwaited?: boolean } = {}): void {
    if (!this.#isLoaded || current === undefined || this.#room === current) return;
    const before = this.#room;
    this.#room = current;
    // What was typed before the first room was entered is for that room.
    if (before === undefined && !this.#line.draft.isEmpty) return this.keep();
    if (before !== undefined && isAwaited && this.#drafts.of(current).isEmpty) {
      this.#drafts.set(before, Draft.EMPTY);
      return this.keep();
    }
    const typed = this.#line.exchangeDraft(this.#drafts.of(current));
    if (before !== undefined) this.#drafts.set(before, typed);
  }

  /** What is typed may have changed. */
  keep(): void {
    if (this.#room !== undefined) this.#drafts.set(this.#room, this.#line.draft);
  }

  /** Puts a text into the line, unless something stands there. @returns whether it did */
  putBack(text: string): boolean {
    if (!this.#line.draft.isEmpty) return false;
    this.#line.exchangeDraft(Draft.of(text));
    return true;
  }

  /** Resolves when the drafts are written, as far as they can be. */
  write(): Promise<void> {
    return this.#drafts.write();
  }
}
