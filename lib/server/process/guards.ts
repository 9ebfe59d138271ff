// The last nets: a rejection or a throw that nobody caught must cost its own task, not the process
// and everybody's connections. Every one caught here is a bug, and is counted as such.

import process from "node:process";
import type { Log } from "../../log.ts";
import type { Faults } from "../faults.ts";

/** The most characters of a library's words that are logged. */
const LIBRARY_CHARACTERS = 200;

/** From now on nothing that is thrown ends this process. */
export function guardProcess(faults: Faults): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    faults.note("unhandled rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    faults.note("uncaught error", event.error);
  });
}

/**
 * From now on what libraries print goes to the log: the runtime's own console and warnings wait for the
 * reader of stderr, and throw when it is full.
 */
export function redirectConsole(log: Log): void {
  const logPrinted = (...values: readonly unknown[]) => {
    log.warn("printed by a library", { text: String(values[0]).slice(0, LIBRARY_CHARACTERS) });
  };
  for (const method of ["debug", "info", "log", "warn", "error", "trace"]) {
    Reflect.set(globalThis.console, method, logPrinted);
  }
  process.removeAllListeners("warning");
  process.on("warning", logPrinted);
}
