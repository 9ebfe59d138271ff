// A paste that is large enough to be confirmed, and the part of it that is shown first. Pure.

import type { Draft, Paste } from "./draft.ts";
import { countOf } from "../view_lines.ts";

/** More lines or bytes than this are asked about. */
const MOST_LINES = 10;
const MOST_BYTES = 2_048;
/** So many lines of it are shown, from its beginning and from its end. */
const FIRST = 5;
const LAST = 2;
/** So much of a line is shown. */
const CHARACTERS = 160;

/** The pastes of a draft, in order. */
export function pastesOf({ units }: Draft): readonly Paste[] {
  return units.filter((unit): unit is Paste => typeof unit === "object");
}

/** Whether a person is asked before it is sent. */
export function isLarge({ text }: Paste): boolean {
  return linesOf(text).length > MOST_LINES || new TextEncoder().encode(text).length > MOST_BYTES;
}

/** Its first and last lines, and how many are between them. */
export function previewOf({ text, label }: Paste): readonly string[] {
  const lines = linesOf(text);
  const hidden = lines.length - FIRST - LAST;
  const shown = hidden <= 1
    ? lines
    : [...lines.slice(0, FIRST), `… ${countOf(hidden, "more line")}`, ...lines.slice(-LAST)];
  return [`${label}:`, ...shown.map((line) => `│ ${clip(line)}`)];
}

const CONFIRM = "Enter sends it as one message, Ctrl-C drops it";

/** Asks once about the large pastes of a draft; another Enter sends it. */
export class PasteConfirmation {
  /** The draft about which the person was asked. */
  #asked: Draft["units"] | undefined;

  /** What to show before the draft is sent; undefined when it may be sent now. */
  findQuestion(draft: Draft): readonly string[] | undefined {
    const large = pastesOf(draft).filter(isLarge);
    if (large.length === 0 || this.#asked === draft.units) return undefined;
    this.#asked = draft.units;
    return [...large.flatMap(previewOf), CONFIRM];
  }
}

function clip(line: string): string {
  const text = line.slice(0, CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return text.length < line.length ? `${text}…` : line;
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n+$/, "").split("\n");
}
