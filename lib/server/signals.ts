// The signals that stop a server: the first asks, the second does not wait.

import { EXIT_CODES } from "../exit_codes.ts";

/** A person's Ctrl-C, or a service manager's request. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** Resolves at the first such signal; the one after that ends the process at once. */
export function nextStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        if (isStopping) Deno.exit(EXIT_CODES.refused);
        isStopping = true;
        resolve(signal);
      });
    }
  });
}
