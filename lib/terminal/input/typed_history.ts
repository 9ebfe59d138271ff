// The drafts entered before, for the arrow keys and for Ctrl-R. Pure.

import { Draft } from "./draft.ts";

const KEPT = 500;

/** A search with Ctrl-R. */
export interface Search {
  readonly query: string;
  /** The entry that was found; undefined when there is none. */
  readonly found: Draft | undefined;
}

export class TypedHistory {
  /** The newest first. */
  #entries: readonly Draft[];
  /** The entry that stands in the line; -1 for the draft that is not entered yet. */
  #at = -1;
  /** What was typed before the first step back. */
  #typed = Draft.EMPTY;

  /** @param lines the newest first */
  constructor(lines: readonly string[]) {
    this.#entries = lines.map((line) => Draft.of(line));
  }

  /** Remembers a draft; one that was entered before is moved to the front. */
  add(draft: Draft): void {
    this.reset();
    if (draft.isEmpty) return;
    const others = this.#entries.filter((entry) => entry.text !== draft.text);
    this.#entries = [draft.at(draft.units.length), ...others].slice(0, KEPT);
  }

  /** The draft in the line was changed: the next step starts with it. */
  reset(): void {
    this.#at = -1;
  }

  /** The next older entry that begins with what was typed; undefined at the oldest. */
  older(draft: Draft): Draft | undefined {
    if (this.#at === -1) this.#typed = draft;
    const found = this.#entries.findIndex((entry, n) => n > this.#at && this.#fits(entry));
    if (found === -1) return undefined;
    this.#at = found;
    return this.#entries[found];
  }

  /** The next newer entry, and after the newest what was typed; undefined after that. */
  newer(): Draft | undefined {
    if (this.#at === -1) return undefined;
    this.#at = this.#entries.findLastIndex((entry, n) => n < this.#at && this.#fits(entry));
    return this.#at === -1 ? this.#typed : this.#entries[this.#at];
  }

  /** The newest entry that contains the query; with `after` the next one that is older than that. */
  search(query: string, after?: Draft): Search {
    const from = after === undefined ? 0 : this.#entries.indexOf(after) + 1;
    const found = query === ""
      ? undefined
      : this.#entries.find((entry, n) => n >= from && entry.shown.includes(query));
    return { query, found: found ?? after };
  }

  #fits(entry: Draft): boolean {
    return entry.shown.startsWith(this.#typed.shown) && entry.shown !== this.#typed.shown;
  }
}
