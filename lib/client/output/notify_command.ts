// Runs the program that a person has set for messages that call them. It gets the message in its
// environment, never in its command line. Needs the permission to run `sh`.

import type { Call } from "../places/calls.ts";

/** Shown where no program may be run. */
export const NO_RUN = "notify_command needs the permission to run programs: deno task client:run";

interface NotifyOptions {
  readonly command: string;
  /** Shows why it cannot run; called at most once. */
  readonly failed: (message: string) => void;
}

/** Starts it for each call, one at a time: a call while it runs is left out. */
export function createNotifier(options: NotifyOptions): (call: Call) => void {
  const { command, failed } = options;
  let isRunning = false;
  let hasFailed = false;
  const fail = (message: string) => {
    if (!hasFailed) failed(message);
    hasFailed = true;
  };
  return (call) => {
    if (isRunning || hasFailed) return;
    isRunning = true;
    run(command, call)
      .then((code) => {
        if (code !== 0) fail(`notify_command ended with ${code}; it is not run again`);
      }, (error) => fail(error instanceof Deno.errors.NotCapable ? NO_RUN : String(error.message)))
      .finally(() => {
        isRunning = false;
      });
  };
}

async function run(command: string, { room, from, text }: Call): Promise<number> {
  const child = new Deno.Command("sh", {
    args: ["-c", command],
    env: { PARLEY_CALL_ROOM: room, PARLEY_CALL_FROM: from, PARLEY_CALL_TEXT: text },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return (await child.status).code;
}
