// One JSON line to stderr an event; the only file that may use console. Values that may hold a
// secret or foreign text of a parse error never come here: callers log codes, counts and ids.

export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Says what happened: `event` is a fixed phrase, `fields` are its particulars. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Takes a finished line, without its newline. */
export type LogSink = (line: string) => void;

const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** One line of JSON without any control character, whatever the fields hold. */
export function formatLogLine(level: string, event: string, fields: LogFields = {}): string {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });
  return line.replace(UNSAFE, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** A log of events at or above `level`; to stderr unless another sink is given. */
export function createLog(level: LogLevel, sink: LogSink = console.error): Log {
  const least = LOG_LEVELS.indexOf(level);
  const at = (own: LogLevel) => {
    if (LOG_LEVELS.indexOf(own) < least) return () => {};
    return (event: string, fields?: LogFields) => sink(formatLogLine(own, event, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
