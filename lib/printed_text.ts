// What the server prints for a person, outside of its log. A slow reader never blocks it.

import { messageOf } from "./error_message.ts";
import { OutputQueue } from "./output_queue.ts";

/** How long the start waits for a blocked terminal. */
const TERMINAL_WAIT_MS = 1_000;

export const stderrText: OutputQueue = new OutputQueue(Deno.stderr, { maxBytes: 1024 * 1024 });

export function writeStderr(text: string): void {
  stderrText.push(text);
}

/**
 * @returns whether the terminal accepted it: changing the mode of a blocked terminal would block
 */
export async function showBanner(text: string): Promise<boolean> {
  const output = new OutputQueue(Deno.stdout, { maxBytes: Infinity });
  output.push(text);
  return await output.flush(TERMINAL_WAIT_MS);
}

/** Prints to stdout. @returns whether it could, once it is printed; otherwise stderr has the reason */
export async function print(text: string): Promise<boolean> {
  let isPrinted = true;
  const output = new OutputQueue(Deno.stdout, {
    maxBytes: Infinity,
    onFailure: ({ error }) => {
      // The reader has closed the pipe, as `head` does.
      if (error instanceof Deno.errors.BrokenPipe) return;
      isPrinted = false;
      writeStderr(`parley-server: Cannot write to stdout: ${messageOf(error)}\n`);
    },
  });
  output.push(text);
  await output.whenBelow(1);
  return isPrinted;
}
