// What is different when a task in deno.json runs the program; for both programs.

/** Set by the tasks; for the server it describes the shell, see launch_mode.ts. */
export const LAUNCH_ENV = "PARLEY_LAUNCH";

/** The text after Ctrl-Z. */
export const NOT_SUSPENDED = "a task cannot be suspended: it goes on, and Ctrl-C ends it";

/**
 * From now on Ctrl-Z does not stop the process; `onIgnored` is called for the first. The task runner
 * catches SIGTSTP and continues, so the shell waits for it, and a process that is stopped receives
 * neither Ctrl-C nor the signals that the runner passes on.
 */
export function ignoreSuspension(onIgnored: () => void): void {
  if (Deno.build.os === "windows") return;
  let isReported = false;
  Deno.addSignalListener("SIGTSTP", () => {
    if (isReported) return;
    isReported = true;
    onIgnored();
  });
}
