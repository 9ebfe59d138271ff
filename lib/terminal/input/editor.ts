// The line editor: keys change the draft, as in Emacs and GNU Readline. Pure: it knows neither a
// terminal nor what an entered line means.

import { DELETIONS, KILLS, MOTIONS } from "./bindings.ts";
import {
  commonBeginning,
  lengthOfWordBefore,
  NO_WORDS,
  type TriedWords,
  withNextWord,
} from "./completion.ts";
import { Draft, type Paste, type Unit } from "./draft.ts";
import { KillRing } from "./kill_ring.ts";
import { type Search, TypedHistory } from "./typed_history.ts";

const UNDO_STEPS = 200;

/** What the last key did, as far as it matters to the next key. */
type Last = "insert" | "kill" | "yank" | "tab" | "other";

export interface EditorOptions {
  /** Lines entered before, the newest first. */
  readonly history: readonly string[];
  /** What the beginning of a line can become. */
  readonly complete: (line: string) => readonly string[];
  /** What the last word of a line can become, the likeliest first: Tab tries one after the other. */
  readonly completeWord?: (line: string) => readonly string[];
  /** Whether an entered line is to be forgotten. None when missing. */
  readonly isSecret?: ((line: string) => boolean) | undefined;
}

export class Editor {
  readonly #history: TypedHistory;
  readonly #complete: EditorOptions["complete"];
  readonly #completeWord: NonNullable<EditorOptions["completeWord"]>;
  readonly #isSecret: (line: string) => boolean;
  readonly #kills = new KillRing();
  readonly #undo: Draft[] = [];
  #draft = Draft.EMPTY;
  #last: Last = "other";
  /** How many units the last yank has put before the cursor. */
  #yanked = 0;
  #search: Search | undefined;
  #pastes = 0;
  /** What Tab tries next. */
  #words: TriedWords = NO_WORDS;
  readonly #keys: Readonly<Record<string, () => void>> = {
    "ctrl-a": () => this.#move(this.#draft.lineBegin),
    home: () => this.#move(this.#draft.lineBegin),
    "ctrl-e": () => this.#move(this.#draft.lineEnd),
    end: () => this.#move(this.#draft.lineEnd),
    "ctrl-j": () => this.insertText("\n"),
    "alt-enter": () => this.insertText("\n"),
    "shift-enter": () => this.insertText("\n"),
    "ctrl-k": () => this.#kill(this.#draft.cursor, this.#endOfKill()),
    "ctrl-u": () => this.#kill(this.#draft.lineBegin, this.#draft.cursor),
    "ctrl-y": () => this.#yank(this.#kills.newest, 0),
    "alt-y": () => {
      if (this.#last === "yank") this.#yank(this.#kills.older(), this.#yanked);
    },
    "ctrl-t": () => this.#transpose(),
    "ctrl-_": () => this.#undoOnce(),
    up: () => this.#goUp(),
    down: () => this.#goDown(),
    "ctrl-p": () => this.#goUp(),
    "ctrl-n": () => this.#goDown(),
    "ctrl-r": () => {
      this.#search = { query: "", found: undefined };
    },
  };

  constructor(options: EditorOptions) {
    const { history, complete, completeWord = () => [], isSecret = () => false } = options;
    this.#completeWord = completeWord;
    this.#history = new TypedHistory(history);
    this.#complete = complete;
    this.#isSecret = isSecret;
  }

  /** What is shown: while a search goes on, what it has found. */
  get draft(): Draft {
    return this.#search?.found ?? this.#draft;
  }

  /** The search that goes on. */
  get search(): Search | undefined {
    return this.#search;
  }

  insertText(text: string): void {
    if (this.#search !== undefined) {
      this.#search = this.#history.search(this.#search.query + text);
      return;
    }
    this.#change(this.#draft.insertText(text), "insert");
  }

  /** Puts a paste into the draft as one unit. */
  insertPaste(text: string): void {
    this.#acceptSearch();
    this.#change(this.#draft.insertUnits([this.#pasteOf(text, ++this.#pastes)]), "other");
  }

  /** Adds to the paste before the cursor; it is a new paste where there is none. */
  extendPaste(text: string): void {
    this.#acceptSearch();
    const before = this.#draft.units[this.#draft.cursor - 1];
    if (typeof before !== "object") return this.insertPaste(text);
    const rest = this.#draft.without(this.#draft.cursor - 1, this.#draft.cursor);
    const paste = this.#pasteOf(before.text + text, this.#pastes);
    this.#change(rest.insertUnits([paste]), "other");
  }

  /** Presses a key; one without a meaning here does nothing. */
  press(key: string): void {
    if (this.#search !== undefined && this.#pressInSearch(key)) return;
    const motion = MOTIONS[key];
    const deletion = DELETIONS[key];
    const kill = KILLS[key];
    if (motion !== undefined) this.#move(this.#draft.target(motion));
    else if (deletion !== undefined) this.#delete(this.#draft.target(deletion));
    else if (kill !== undefined) this.#killTo(this.#draft.target(kill));
    else this.#keys[key]?.();
  }

  /**
   * Completes what stands before the cursor, as far as all candidates agree.
   * @returns the candidates when there are several and nothing could be added
   */
  complete(): readonly string[] {
    this.#acceptSearch();
    if (this.#tryNextWord()) return [];
    const { before } = this.#draft.halves;
    const line = new Draft(before, before.length).shown;
    if (!/^\/\S*$/.test(line)) {
      this.#words = { rest: this.#completeWord(line), length: lengthOfWordBefore(this.#draft) };
      this.#tryWord();
      return [];
    }
    const candidates = this.#complete(line);
    const common = commonBeginning(candidates);
    if (common.length <= line.length) return candidates.length > 1 ? candidates : [];
    this.insertText(common.slice(line.length));
    return [];
  }

  /** A second Tab in a row: the next word in place of the last. @returns whether there was a first */
  #tryNextWord(): boolean {
    if (this.#last !== "tab" || this.#words.rest.length === 0) return false;
    this.#tryWord();
    return true;
  }

  #tryWord(): void {
    const tried = withNextWord(this.#draft, this.#words);
    if (tried === undefined) return;
    this.#words = tried.words;
    this.#change(tried.draft, "tab");
  }

  /** Takes the draft out and remembers it, unless it may hold a secret. */
  enter(): Draft {
    this.#acceptSearch();
    const entered = this.#draft;
    if (this.#isSecret(entered.text)) this.#history.reset();
    else this.#history.add(entered);
    this.#clear();
    return entered;
  }

  /** Forgets what is typed; Ctrl-_ brings it back. */
  discard(): void {
    this.#search = undefined;
    this.#change(Draft.EMPTY, "other");
  }

  /** Puts another draft into the line. @returns the one that stood there */
  exchange(draft: Draft): Draft {
    this.#search = undefined;
    const before = this.#draft;
    this.#clear();
    this.#draft = draft;
    this.#history.reset();
    return before;
  }

  #clear(): void {
    this.#draft = Draft.EMPTY;
    this.#undo.length = 0;
    this.#last = "other";
  }

  #pasteOf(text: string, number: number): Paste {
    const lines = text.replace(/\n+$/, "").split("\n").length;
    const size = lines === 1 ? `${text.length} characters` : `${lines} lines`;
    return { text, label: `[paste ${number}: ${size}]` };
  }

  #change(draft: Draft, how: Last): void {
    if (how !== "insert" || this.#last !== "insert") this.#undo.push(this.#draft);
    if (this.#undo.length > UNDO_STEPS) this.#undo.shift();
    this.#draft = draft;
    this.#last = how;
    this.#history.reset();
  }

  #undoOnce(): void {
    this.#draft = this.#undo.pop() ?? this.#draft;
    this.#last = "other";
  }

  #move(cursor: number): void {
    this.#draft = this.#draft.at(cursor);
    this.#last = "other";
  }

  #delete(target: number): void {
    const [from, end] = inOrder(this.#draft.cursor, target);
    if (from !== end) this.#change(this.#draft.without(from, end), "other");
  }

  #killTo(target: number): void {
    const [from, end] = inOrder(this.#draft.cursor, target);
    this.#kill(from, end);
  }

  #kill(from: number, end: number): void {
    if (from === end) return;
    const joins = this.#last !== "kill" ? "no" : from < this.#draft.cursor ? "before" : "after";
    this.#kills.add(this.#draft.units.slice(from, end), joins);
    this.#change(this.#draft.without(from, end), "kill");
  }

  /** Ctrl-K at the end of a line takes the newline. */
  #endOfKill(): number {
    const { cursor, lineEnd } = this.#draft;
    return lineEnd === cursor ? Math.min(lineEnd + 1, this.#draft.units.length) : lineEnd;
  }

  #yank(units: readonly Unit[], instead: number): void {
    const { cursor } = this.#draft;
    const draft = this.#draft.without(cursor - instead, cursor).insertUnits(units);
    this.#change(draft, "yank");
    this.#yanked = units.length;
  }

  #transpose(): void {
    const { units, cursor } = this.#draft;
    const second = Math.min(cursor, units.length - 1);
    const [a, b] = [units[second - 1], units[second]];
    if (a === undefined || b === undefined || a === "\n" || b === "\n") return;
    const swapped = [...units.slice(0, second - 1), b, a, ...units.slice(second + 1)];
    this.#change(new Draft(swapped, second + 1), "other");
  }

  #goUp(): void {
    const draft = this.#draft.movedByLine("up") ?? this.#history.older(this.#draft);
    this.#show(draft);
  }

  #goDown(): void {
    this.#show(this.#draft.movedByLine("down") ?? this.#history.newer());
  }

  #show(draft: Draft | undefined): void {
    this.#draft = draft ?? this.#draft;
    this.#last = "other";
  }

  /** @returns whether the key belongs to the search; any other one accepts what was found first */
  #pressInSearch(key: string): boolean {
    const { query = "", found } = this.#search ?? {};
    if (key === "ctrl-r") this.#search = this.#history.search(query, found);
    else if (key === "backspace") this.#search = this.#history.search(query.slice(0, -1));
    else if (key === "escape" || key === "ctrl-g") this.#search = undefined;
    else {
      this.#acceptSearch();
      return false;
    }
    return true;
  }

  #acceptSearch(): void {
    const found = this.#search?.found;
    this.#search = undefined;
    if (found !== undefined) this.#change(found, "other");
  }
}

function inOrder(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}
