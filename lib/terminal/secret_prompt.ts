// Asks a person in a terminal for a secret: what is typed is not shown, and is kept nowhere. Reads the
// keyboard by itself, while there is no live line. Knows keys, not what the secret is for.

import type { BurstInput } from "./input/bursts.ts";
import { KeyReader } from "./input/key_reader.ts";
import { type SecretAnswers, SecretEntry } from "./input/secret_entry.ts";
import type { DrawingClock } from "./process_terminal.ts";
import { readTyped } from "./stdin_handover.ts";

interface SecretPromptOptions {
  readonly clock: DrawingClock;
  /** Shows a question; it may hold a newline. */
  readonly write: (text: string) => void;
  /** The keyboard; the process's own unless given. */
  readonly keyboard?: Keyboard;
}

interface Keyboard {
  /** The next bytes; undefined at the end, or when `signal` has aborted by then. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Every key is read by itself, without an echo; or the terminal is as it was. */
  setMode(mode: "unseen" | "restored"): void;
}

/** The exit codes of a process that a signal has ended. */
const SIGNAL_EXITS = { SIGTERM: 143, SIGHUP: 129 } as const;

/** The process's own keyboard; a signal that ends the process restores the terminal first. */
class ProcessKeyboard implements Keyboard {
  readonly #listeners = Object.entries(SIGNAL_EXITS).map(([signal, code]) => {
    const listener = () => {
      this.setMode("restored");
      Deno.exit(code);
    };
    return { signal: signal as Deno.Signal, listener };
  });

  read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    return readTyped(signal);
  }

  setMode(mode: "unseen" | "restored"): void {
    const isUnseen = mode === "unseen";
    for (const { signal, listener } of this.#listeners) {
      if (isUnseen) Deno.addSignalListener(signal, listener);
      else Deno.removeSignalListener(signal, listener);
    }
    Deno.stdin.setRaw(isUnseen);
  }
}

/** From `new` until it is disposed nothing typed is shown. What is typed ahead is for the next question. */
export class SecretPrompt implements Disposable {
  readonly #options: SecretPromptOptions;
  readonly #keyboard: Keyboard;
  readonly #over = new AbortController();
  /** What was typed after the last answer. */
  readonly #ahead: BurstInput[] = [];
  #isGone = false;
  #entry: SecretEntry | undefined;

  /** Takes the keyboard over. */
  constructor(options: SecretPromptOptions) {
    const { clock, keyboard = new ProcessKeyboard() } = options;
    this.#options = options;
    this.#keyboard = keyboard;
    keyboard.setMode("unseen");
    new KeyReader({
      terminal: keyboard,
      clock,
      signal: this.#over.signal,
      take: (inputs) => {
        this.#ahead.push(...inputs);
        this.#takeAll();
      },
      gone: () => {
        this.#isGone = true;
        this.#takeAll();
      },
    });
  }

  /** Asks these questions; nothing else may be asked meanwhile. */
  async ask(...questions: readonly string[]): Promise<SecretAnswers> {
    const entry = new SecretEntry(questions);
    this.#entry = entry;
    this.#options.write(entry.question);
    this.#takeAll();
    const answers = await entry.answers;
    this.#options.write("\n");
    return answers;
  }

  /** Gives the keyboard back. */
  [Symbol.dispose](): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    try {
      this.#keyboard.setMode("restored");
    } catch {
      // The terminal is gone.
    }
  }

  #takeAll(): void {
    while (this.#entry !== undefined) {
      const input = this.#ahead.shift();
      if (input === undefined) break;
      const { question } = this.#entry;
      if (this.#entry.take(input)) this.#entry = undefined;
      else if (this.#entry.question !== question) this.#options.write(`\n${this.#entry.question}`);
    }
    if (this.#isGone) this.#entry?.end();
  }
}
