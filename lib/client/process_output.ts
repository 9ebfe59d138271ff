// The process's stdout and stderr as an Output: whole texts, written at once, quiet when nobody
// reads them any more.

import { Failure } from "./exit.ts";
import { type Output, ReaderGone } from "./view.ts";

/** How long to wait before a pipe that is full and was set not to block is tried again. */
const FULL_MS = 5;

const encoder = new TextEncoder();

/** Writes to this process's own stdout and stderr. */
export const processOutput: Output = {
  stdout(text): void {
    try {
      writeAll(Deno.stdout, text);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new ReaderGone("stdout is closed");
      const why = error instanceof Error ? error.message : "unknown reason";
      throw new Failure("config", `Cannot write to stdout: ${why}`, { cause: error });
    }
  },
  stderr(text): void {
    try {
      writeAll(Deno.stderr, text);
    } catch {
      // Nobody reads what we say; that must not end what we do.
    }
  },
};

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    }
  }
}
