// The signals that stop a server: the first one requests a stop, the second one exits at once.
// Knows no terminal and no server.

import { EXIT_CODES } from "../../exit_codes.ts";

/** Which of the standard streams are terminals. */
export type Terminals = Readonly<Record<"stdin" | "stdout" | "stderr", boolean>>;

/**
 * Whether a terminal that was there at the start is gone: then SIGHUP was sent by it. Otherwise a person or
 * a program has sent it. A terminal that was closed is not a terminal any more.
 */
export function hasLostTerminal(atStart: Terminals): boolean {
  return (["stdin", "stdout", "stderr"] as const)
    .some((name) => atStart[name] && !Deno[name].isTerminal());
}

/** Ctrl-C, a service manager's request, or a closed terminal. */
type StopSignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

interface StopSignalOptions {
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  /**
   * A repeated signal within this time is the same request. Under a task runner `kill %1` reaches
   * the server twice: as a member of the process group, and sent again by the runner.
   */
  readonly sameWithinMs: number;
  /** Whether SIGHUP stops the server, asked at each one; see `outliveTerminal`. */
  readonly stopsOnHangUp: () => boolean;
  /** Runs before an immediate exit; must not take long. */
  readonly beforeExit: () => Promise<void>;
}

/**
 * From now on a closed terminal does not end the process, and `hungUp` is called. Must be called
 * first of all: the runtime has undone the effect of `nohup`, and a start may take long.
 */
export function outliveTerminal(hungUp: () => void): void {
  Deno.addSignalListener("SIGHUP", hungUp);
}

/**
 * Resolves at the first such signal; a later SIGINT or SIGTERM ends the process at once. A later
 * SIGHUP does not: a closed terminal sends several, from the kernel, the shell and a task runner.
 */
export function nextStopSignal(options: StopSignalOptions): Promise<StopSignalName> {
  const { monotonic, sameWithinMs, stopsOnHangUp, beforeExit } = options;
  const exit = () => Deno.exit(EXIT_CODES.refused);
  return new Promise((resolve) => {
    let stoppingSince: number | undefined;
    const stop = (signal: StopSignalName) => {
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
    Deno.addSignalListener("SIGHUP", () => stopsOnHangUp() && stop("SIGHUP"));
  });
}
