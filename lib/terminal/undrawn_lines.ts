// Lines that wait to be drawn. Their memory is limited: when the terminal accepts nothing, the oldest are
// dropped and counted. Pure.

import { countOf, failure, type Line } from "./view_lines.ts";

const MAX_LINES = 10_000;
const MAX_CHARACTERS = 256 * 1024;

export class UndrawnLines {
  #lines: Line[] = [];
  #characters = 0;
  #dropped = 0;

  add(lines: readonly Line[]): void {
    this.#lines.push(...lines);
    for (const line of lines) this.#characters += sizeOf(line);
  }

  /** Drops the oldest lines beyond what may wait. */
  dropOldest(): void {
    let excess = this.#lines.length - MAX_LINES;
    let count = 0;
    while (excess > 0 || this.#characters > MAX_CHARACTERS) {
      const line = this.#lines[count];
      if (line === undefined) break;
      this.#characters -= sizeOf(line);
      count++;
      excess--;
    }
    this.#lines.splice(0, count);
    this.#dropped += count;
  }

  /** Takes all of them, after a line that says how many were dropped. */
  take(): readonly Line[] {
    const lines = this.#dropped === 0
      ? this.#lines
      : [failure(describeDropped(this.#dropped)), ...this.#lines];
    this.#lines = [];
    this.#characters = 0;
    this.#dropped = 0;
    return lines;
  }
}

/** About how many characters a line has. */
function sizeOf(line: Line): number {
  return line.kind === "event" ? (line.event.content ?? "").length : line.text.length;
}

function describeDropped(count: number): string {
  return `${countOf(count, "line")} not shown: the terminal did not take them`;
}
