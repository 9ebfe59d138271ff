// What differs when a task in deno.json runs the program, for both programs.

/** Set by the tasks; to the server it says what it knows of the shell, see launch.ts. */
export const LAUNCH_ENV = "PARLEY_LAUNCH";

/** What a person is told who presses Ctrl-Z. */
export const NOT_SUSPENDED = "a task cannot be suspended: it goes on, and Ctrl-C ends it";

/**
 * From now on Ctrl-Z does not stop the process; the first is told of. The task runner catches
 * SIGTSTP: it would go on alone, so that the shell waits for it, and a process that is stopped hears
 * neither Ctrl-C nor what the runner passes on.
 */
export function ignoreSuspension(ignored: () => void): void {
  if (Deno.build.os === "windows") return;
  let isTold = false;
  Deno.addSignalListener("SIGTSTP", () => {
    if (isTold) return;
    isTold = true;
    ignored();
  });
}
