// The signals that stop a server: the first asks, the second does not wait. Knows no terminal and no
// server.

import { EXIT_CODES } from "../../exit_codes.ts";

/** A person's Ctrl-C, a service manager's request, or the end of the terminal. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface StopSignalOptions {
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  /**
   * What comes again sooner is the same request. Under a task runner `kill %1` reaches the server
   * twice: as one of the process group, and passed on by the runner.
   */
  readonly sameWithinMs: number;
  /** Whether the end of the terminal ends the server; see `outliveTerminal`. */
  readonly stopsOnHangUp: boolean;
  /** What must be done before the process ends at once; must not take long. */
  readonly beforeExit: () => Promise<void>;
}

/**
 * From now on the end of the terminal does not end the process; it is told of. To be called first of
 * all: the runtime has undone what `nohup` has set, and a start may take its time.
 */
export function outliveTerminal(hungUp: () => void): void {
  Deno.addSignalListener("SIGHUP", hungUp);
}

/**
 * Resolves at the first such signal; a later SIGINT or SIGTERM ends the process at once. A later SIGHUP
 * does not: a terminal that closes sends several, by its kernel, its shell and a task runner.
 */
export function nextStopSignal(options: StopSignalOptions): Promise<StopSignal> {
  const { monotonic, sameWithinMs, stopsOnHangUp, beforeExit } = options;
  const exit = () => Deno.exit(EXIT_CODES.refused);
  return new Promise((resolve) => {
    let stoppingSince: number | undefined;
    const stop = (signal: StopSignal) => {
      stoppingSince ??= monotonic();
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        const isSecond = stoppingSince !== undefined && monotonic() - stoppingSince >= sameWithinMs;
        if (isSecond) void beforeExit().then(exit, exit);
        stop(signal);
      });
    }
    if (stopsOnHangUp) Deno.addSignalListener("SIGHUP", () => stop("SIGHUP"));
  });
}
