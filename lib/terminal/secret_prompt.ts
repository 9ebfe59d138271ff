// Asks a person in a terminal for a secret: what is typed is not shown, and is kept nowhere. Reads the
// keyboard by itself, while there is no live line. Knows keys, not what the secret is for.

import type { BurstInput } from "./input/bursts.ts";
import { Draft } from "./input/draft.ts";
import { KeyReader } from "./input/key_reader.ts";
import type { DrawingClock } from "./process_terminal.ts";
import { readTyped } from "./stdin_handover.ts";

/** What a question ended with: `interrupted` by Ctrl-C, `ended` by Ctrl-D or with the terminal. */
export type SecretAnswer =
  | { readonly kind: "entered"; readonly text: string }
  | { readonly kind: "interrupted" | "ended" };

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
  #ahead: BurstInput[] = [];
  #isGone = false;
  #draft = Draft.EMPTY;
  #answer: ((answer: SecretAnswer) => void) | undefined;

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

  /** Asks; one question at a time. */
  async ask(question: string): Promise<SecretAnswer> {
    this.#options.write(question);
    const { promise, resolve } = Promise.withResolvers<SecretAnswer>();
    this.#draft = Draft.EMPTY;
    this.#answer = resolve;
    this.#takeAll();
    const answer = await promise;
    this.#options.write("\n");
    return answer;
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
    while (this.#answer !== undefined) {
      const input = this.#ahead.shift();
      if (input === undefined) break;
      this.#take(input);
    }
    if (this.#isGone) this.#finish({ kind: "ended" });
  }

  #finish(answer: SecretAnswer): void {
    const resolve = this.#answer;
    this.#answer = undefined;
    resolve?.(answer);
  }

  #take(input: BurstInput): void {
    if (input.kind === "key") return this.#press(input.key);
    if (input.kind === "text") this.#draft = this.#draft.insertText(input.text);
    if (input.kind !== "paste" && input.kind !== "burst") return;
    const [line = "", ...rest] = input.text.split(/\r\n|[\r\n]/);
    this.#draft = this.#draft.insertText(line);
    if (rest.length === 0) return;
    const text = rest.join("\n");
    if (text !== "") this.#ahead.unshift({ kind: "paste", text });
    this.#press("enter");
  }

  #press(key: string): void {
    const { cursor, text, isEmpty } = this.#draft;
    if (key === "enter" || key === "ctrl-j") this.#finish({ kind: "entered", text });
    else if (key === "ctrl-c") this.#finish({ kind: "interrupted" });
    else if (key === "ctrl-d" && isEmpty) this.#finish({ kind: "ended" });
    else if (key === "backspace") this.#draft = this.#draft.without(cursor - 1, cursor);
    else if (key === "ctrl-u") this.#draft = Draft.EMPTY;
  }
}
