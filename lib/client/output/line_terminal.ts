// The process's own terminal, a line at a time: for questions before the live line takes over.

import { readTyped } from "../../terminal/keyboard.ts";
import type { LineTerminal } from "../ask_name.ts";
import { processOutput } from "./process_output.ts";

const NEWLINE = 0x0a;

/** Reads no further than the end of a line: a terminal hands out one at a time. */
export const lineTerminal: LineTerminal = {
  write(text): void {
    processOutput.stdout(text);
  },
  async readLine(): Promise<string | undefined> {
    let line = new Uint8Array(0);
    for (;;) {
      const typed = await readTyped();
      if (typed === undefined) return undefined;
      line = new Uint8Array([...line, ...typed]);
      if (line.at(-1) === NEWLINE) return new TextDecoder().decode(line).replace(/\r?\n$/, "");
    }
  },
};
