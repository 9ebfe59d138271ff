// The last nets: a rejection or a throw that nobody caught must cost its own task, not the process
// and everybody's connections. Every one caught here is a bug, and is counted as such.

import type { Faults } from "./faults.ts";

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
