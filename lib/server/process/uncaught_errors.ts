// Handles uncaught errors and rejections: they must not end the process and all its connections.
// Each of them is a bug, and is counted as an internal error.

import process from "node:process";
import type { Log } from "../../log.ts";
import type { InternalErrors } from "../internal_errors.ts";

/** The most characters of a library's output that are logged. */
const MAX_LOGGED_CHARACTERS = 200;

/** From now on no uncaught error ends this process. */
export function catchUncaughtErrors(faults: InternalErrors): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    faults.record("unhandled rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    faults.record("uncaught error", event.error);
  });
}

/**
 * Sends the output of libraries to the log: the runtime's own console and warnings block on an unread
 * stderr, and throw on a full disk.
 */
export function redirectConsole(log: Log): void {
  const logPrinted = (...values: readonly unknown[]) => {
    log.warn("printed by a library", { text: String(values[0]).slice(0, MAX_LOGGED_CHARACTERS) });
  };
  for (const method of ["debug", "info", "log", "warn", "error", "trace"]) {
    Reflect.set(globalThis.console, method, logPrinted);
  }
  process.removeAllListeners("warning");
  process.on("warning", logPrinted);
}
