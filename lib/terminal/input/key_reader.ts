// Reads a terminal: bytes become input, with the times that decide what a byte means. Knows keys and
// pastes, not what they do.

import { BurstDetector, type BurstInput } from "./bursts.ts";
import { type Input, KeyDecoder } from "./keys.ts";
import type { DrawingClock, Terminal } from "../process_terminal.ts";

/** An Esc after which nothing comes for so long is a key by itself. */
const ESCAPE_MS = 50;

interface KeyReaderOptions {
  readonly terminal: Pick<Terminal, "read">;
  readonly clock: DrawingClock;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** Takes the input of one read, at least one. */
  readonly take: (inputs: readonly BurstInput[]) => void;
  /** The terminal is gone. */
  readonly gone: () => void;
}

/** Reads until the signal aborts or the terminal is gone. */
export class KeyReader {
  readonly #options: KeyReaderOptions;
  readonly #decoder = new KeyDecoder();
  readonly #bursts = new BurstDetector();
  #reads = 0;
  #hasTyped = false;

  constructor(options: KeyReaderOptions) {
    this.#options = options;
    void this.#read();
  }

  async #read(): Promise<void> {
    const { terminal, clock, signal, gone } = this.#options;
    while (!signal.aborted) {
      const bytes = await terminal.read(signal);
      if (signal.aborted) return;
      // In raw mode Ctrl-D is a key: the end of the input is the end of the terminal.
      if (bytes === undefined) return gone();
      const read = ++this.#reads;
      const inputs = this.#decoder.push(bytes);
      // What was typed before raw mode has an ordinary newline for Enter.
      this.#take(this.#hasTyped ? inputs : inputs.map(enterForNewline));
      this.#hasTyped ||= inputs.some(({ kind }) => kind === "text" || kind === "key");
      if (!this.#decoder.isPending) continue;
      clock.sleep(ESCAPE_MS, signal).then(() => {
        if (read === this.#reads && !signal.aborted) this.#take(this.#decoder.flush());
      });
    }
  }

  #take(inputs: readonly Input[]): void {
    const { clock, take } = this.#options;
    if (inputs.length > 0) take(this.#bursts.take(inputs, clock.monotonic()));
  }
}

function enterForNewline(input: Input): Input {
  return input.kind === "key" && input.key === "ctrl-j" ? { kind: "key", key: "enter" } : input;
}
