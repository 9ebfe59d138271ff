// What happens, told to whoever runs the program: by default one JSON line to stderr an event. The
// only file that may use console. Values that may hold a secret or the foreign text of a parse error
// never come here: callers log codes, counts and ids.

export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Something that happened: `event` is a fixed phrase, `fields` are its particulars. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, "off">;
  readonly event: string;
  readonly fields: LogFields;
}

/** Says what happened. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Takes what is logged. */
export type LogSink = (entry: LogEntry) => void;

const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** One line of JSON without any control character, whatever the fields hold. */
export function formatLogLine({ level, event, fields }: LogEntry): string {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });
  return line.replace(UNSAFE, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** A log of events at or above `level`; to stderr unless another sink is given. */
export function createLog(level: LogLevel, sink: LogSink = toStderr): Log {
  const least = LOG_LEVELS.indexOf(level);
  const at = (own: LogEntry["level"]) => (event: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(own) >= least) sink({ level: own, event, fields });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function toStderr(entry: LogEntry): void {
  // deno-lint-ignore no-console
  console.error(formatLogLine(entry));
}
