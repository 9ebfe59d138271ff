// Events for the operator of the program: by default one JSON line to stderr for each.
// Logging never throws and never waits for a reader. Values that may hold a secret or the foreign text
// of a parse error are never logged: callers log codes, counts and ids.

import { LogLines } from "./log_output.ts";
import { formatJson } from "./wire/json.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `event` is a fixed phrase, `fields` are its details. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, "off">;
  readonly event: string;
  readonly fields: LogFields;
}

/** Logs an event at a level. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Receives the entries of a log. */
export type LogSink = (entry: LogEntry) => void;

/** One line of JSON without any control character, whatever the fields hold. */
export function formatLogLine({ level, event, fields }: LogEntry): string {
  return formatJson({ time: new Date().toISOString(), level, event, ...fields });
}

/** The lines of this process's stderr; lines it does not take are counted and reported later. */
export const stderrLines: LogLines = new LogLines(Deno.stderr, {
  formatDropped: (count) =>
    formatLogLine({ level: "warn", event: "log lines lost", fields: { lines: count } }),
});

/** A log of events at or above `level`; to stderr unless another sink is given. */
export function createLog(level: LogLevel, sink: LogSink = logToStderr): Log {
  const least = LOG_LEVELS.indexOf(level);
  const at = (own: LogEntry["level"]) => (event: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(own) < least) return;
    try {
      sink({ level: own, event, fields });
    } catch {
      // A log that cannot be written must not fail the work that is logged.
    }
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Queues an entry for stderr; returns at once. */
export function logToStderr(entry: LogEntry): void {
  stderrLines.write(formatLogLine(entry));
}
