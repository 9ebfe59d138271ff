// The process's own terminal, a line at a time: for questions before the live line takes over.

import type { LineTerminal } from "./ask_name.ts";
import { processOutput } from "./process_output.ts";

const NEWLINE = 0x0a;

/** Reads no further than the end of a line: a terminal hands out one at a time. */
export const lineTerminal: LineTerminal = {
  write(text): void {
    processOutput.stdout(text);
  },
  async readLine(): Promise<string | undefined> {
    let line = new Uint8Array(0);
    const buffer = new Uint8Array(1_024);
    for (;;) {
      const length = await Deno.stdin.read(buffer);
      if (length === null) return undefined;
      line = new Uint8Array([...line, ...buffer.subarray(0, length)]);
      if (line.at(-1) === NEWLINE) return new TextDecoder().decode(line).replace(/\r?\n$/, "");
    }
  },
};
