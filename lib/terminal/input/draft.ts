// The text being typed, as a value: units that the cursor cannot stand inside of, and where the
// cursor is. A unit is a grapheme cluster (UAX #29) or a whole paste. Pure.

/** A paste that stands in the draft as one unit, shown by its label. */
export interface Paste {
  readonly text: string;
  readonly label: string;
}
export type Unit = string | Paste;

/** A direction, and how far: one unit, a word, or to the blank before a word. */
export interface Motion {
  readonly to: "left" | "right";
  readonly by: "unit" | "word" | "blank";
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ASCII = /^[\x20-\x7e]*$/;
const WORD = /[\p{L}\p{N}\p{M}_]/u;

export class Draft {
  static readonly EMPTY = new Draft([], 0);

  readonly units: readonly Unit[];
  /** The unit that the cursor stands before. */
  readonly cursor: number;

  constructor(units: readonly Unit[], cursor: number) {
    this.units = units;
    this.cursor = Math.max(0, Math.min(cursor, units.length));
  }

  /** A text with the cursor at its end. */
  static of(text: string): Draft {
    const units = segment(text);
    return new Draft(units, units.length);
  }

  get isEmpty(): boolean {
    return this.units.length === 0;
  }

  /** What it means: each paste is its text. */
  get text(): string {
    return this.units.map((unit) => typeof unit === "string" ? unit : unit.text).join("");
  }

  /** How it is shown: each paste is its label. */
  get shown(): string {
    return this.units.map((unit) => typeof unit === "string" ? unit : unit.label).join("");
  }

  /** The part before the cursor, and the part after it. */
  get halves(): { readonly before: readonly Unit[]; readonly after: readonly Unit[] } {
    return { before: this.units.slice(0, this.cursor), after: this.units.slice(this.cursor) };
  }

  at(cursor: number): Draft {
    return new Draft(this.units, cursor);
  }

  /** A text at the cursor. It may join the clusters beside it: they are segmented again. */
  insertText(text: string): Draft {
    const from = this.#seamBefore();
    const end = this.#seamAfter();
    const left = joined(this.units.slice(from, this.cursor)) + text;
    const middle = segment(left + joined(this.units.slice(this.cursor, end)));
    let cursor = from;
    for (let length = 0; length < left.length; cursor++) {
      length += middle[cursor - from]?.length ?? left.length;
    }
    return new Draft([...this.units.slice(0, from), ...middle, ...this.units.slice(end)], cursor);
  }

  /** Units at the cursor, as they are. */
  insertUnits(units: readonly Unit[]): Draft {
    const { before, after } = this.halves;
    return new Draft([...before, ...units, ...after], this.cursor + units.length);
  }

  /** Without the units from `from` up to `end`; the cursor stands where they were. */
  without(from: number, end: number): Draft {
    return new Draft([...this.units.slice(0, from), ...this.units.slice(end)], from);
  }

  /** Where a motion leads from the cursor. */
  target({ to, by }: Motion): number {
    const step = to === "left" ? -1 : 1;
    const next = (at: number) => this.units[to === "left" ? at - 1 : at];
    let at = this.cursor;
    if (by === "unit") return Math.max(0, Math.min(at + step, this.units.length));
    const isPart = by === "word" ? isWord : isNoBlank;
    while (next(at) !== undefined && !isPart(next(at))) at += step;
    // A paste is a word by itself.
    if (typeof next(at) === "object") return at + step;
    while (next(at) !== undefined && typeof next(at) === "string" && isPart(next(at))) at += step;
    return at;
  }

  /** Where the line in which the cursor stands begins. */
  get lineBegin(): number {
    return this.units.slice(0, this.cursor).lastIndexOf("\n") + 1;
  }

  /** Where the line in which the cursor stands ends. */
  get lineEnd(): number {
    const end = this.units.indexOf("\n", this.cursor);
    return end === -1 ? this.units.length : end;
  }

  /** The cursor in the line above or below, as far from its beginning; undefined without such a line. */
  movedByLine(to: "up" | "down"): Draft | undefined {
    const column = this.cursor - this.lineBegin;
    if (to === "up" ? this.lineBegin === 0 : this.lineEnd === this.units.length) return undefined;
    const other = this.at(to === "up" ? this.lineBegin - 1 : this.lineEnd + 1);
    return other.at(Math.min(other.lineBegin + column, other.lineEnd));
  }

  #seamBefore(): number {
    let at = this.cursor;
    while (at > 0 && !isSeam(this.units[at - 1])) at--;
    // The letter before the cursor may get a mark.
    return at > 0 && at === this.cursor && typeof this.units[at - 1] === "string" ? at - 1 : at;
  }

  #seamAfter(): number {
    let at = this.cursor;
    while (at < this.units.length && !isSeam(this.units[at])) at++;
    return at;
  }
}

/** Text as grapheme clusters. */
export function segment(text: string): readonly string[] {
  if (ASCII.test(text)) return [...text];
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Whether no cluster goes on across this unit. */
function isSeam(unit: Unit | undefined): boolean {
  return typeof unit !== "string" || ASCII.test(unit) || unit === "\n";
}

function joined(units: readonly Unit[]): string {
  return units.map((unit) => typeof unit === "string" ? unit : "").join("");
}

function isWord(unit: Unit | undefined): boolean {
  return typeof unit === "object" || (unit !== undefined && WORD.test(unit));
}

function isNoBlank(unit: Unit | undefined): boolean {
  return typeof unit === "object" || (unit !== undefined && !/^\s/.test(unit));
}
