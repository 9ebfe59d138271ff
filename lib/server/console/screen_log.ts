// The log for a person at the console: lines above the one being typed, instead of JSON on stderr.

import type { LogEntry, LogSink } from "../../log.ts";
import { failure, type Line, notice } from "../../terminal/line.ts";

/** A log for a person: kept until there is a screen to show it on. */
export class ScreenLog {
  #screen: { show(lines: readonly Line[]): void } | undefined;
  #kept: Line[] = [];

  readonly sink: LogSink = (entry) => {
    const line = formatLogEntry(entry);
    if (this.#screen === undefined) this.#kept.push(line);
    else this.#screen.show([line]);
  };

  /** From now on, and what was kept, on this screen. */
  showOn(screen: { show(lines: readonly Line[]): void }): void {
    this.#screen = screen;
    screen.show(this.#kept.splice(0));
  }
}

/** A log entry as a line: `admin token written · path data/admin.token`. */
export function formatLogEntry({ level, event, fields }: LogEntry): Line {
  const particulars = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` · ${name} ${value}`).join("");
  const text = `${event}${particulars}`;
  return level === "warn" || level === "error" ? failure(text) : notice(text);
}
