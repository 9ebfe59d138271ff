// The log for a person at the console: lines above the one being typed, instead of JSON on stderr.

import type { LogEntry, LogSink } from "../../log.ts";
import { failure, type Line, notice } from "../../terminal/view_lines.ts";

interface Screen {
  show(lines: readonly Line[]): void;
}

/** A log for a person: kept until there is a screen to show it on, and logged fallback after that. */
export class ScreenLog {
  readonly #fallback: LogSink;
  #screen: Screen | undefined;
  /** Undefined when there was a screen, or will be none. */
  #kept: LogEntry[] | undefined = [];

  /** @param fallback takes the entries when there is no screen any more */
  constructor(fallback: LogSink) {
    this.#fallback = fallback;
  }

  readonly sink: LogSink = (entry) => {
    if (this.#screen !== undefined) this.#screen.show([formatLogEntry(entry)]);
    else if (this.#kept !== undefined) this.#kept.push(entry);
    else this.#fallback(entry);
  };

  /** Shows the kept entries and all later ones on this screen. */
  showOn(screen: Screen): void {
    this.#screen = screen;
    screen.show(this.#takeKept().map(formatLogEntry));
  }

  /** There is no screen any more, or there will be none. */
  leaveScreen(): void {
    this.#screen = undefined;
    for (const entry of this.#takeKept()) this.#fallback(entry);
  }

  #takeKept(): readonly LogEntry[] {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    return kept;
  }
}

/** A log entry as a line: `admin token written · path data/admin.token`. */
export function formatLogEntry({ level, event, fields }: LogEntry): Line {
  const particulars = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` · ${name} ${value}`).join("");
  const text = `${event}${particulars}`;
  return level === "warn" || level === "error" ? failure(text) : notice(text);
}
