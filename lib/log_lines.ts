// Lines of a log on their way to a stream that may be full, broken or unread. What cannot be written
// is counted, and the count is the first line when the stream takes lines again. Knows no log levels.

import { type OutputFailure, OutputQueue, type OutputStream } from "./output_queue.ts";

/** Lines that wait for a stream that nobody reads. */
const MAX_BYTES = 1024 * 1024;
/** How often a stream that failed is tried again while lines are missing. */
const RETRY_MS = 1_000;

export interface LogLinesOptions {
  /** The line that says how many are missing. */
  readonly formatLost: (count: number) => string;
  readonly maxBytes?: number;
  readonly retryMs?: number;
}

export class LogLines {
  readonly #queue: OutputQueue;
  readonly #formatLost: (count: number) => string;
  readonly #retryMs: number;
  #lost = 0;
  /** The report under way, and how many lines it reports. */
  #report: { readonly text: string; readonly count: number } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The stream may have ended in the middle of a line. */
  #isTorn = false;

  constructor(stream: OutputStream, options: LogLinesOptions) {
    this.#formatLost = options.formatLost;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#queue = new OutputQueue(stream, {
      maxBytes: options.maxBytes ?? MAX_BYTES,
      onFailure: (failure) => this.#fail(failure),
      onIdle: () => this.#settle(),
    });
  }

  /** How many lines are missing and not yet reported. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a line, given without its newline, or counts it as lost. Returns at once; never throws. */
  write(line: string): void {
    // After a failure and behind a gap nothing is written before the report of what is missing.
    if (this.#lost > 0 || !this.#queue.push(`${line}\n`)) this.#lost++;
  }

  /** As `OutputQueue.flush`. */
  flush(patienceMs: number): Promise<boolean> {
    return this.#queue.flush(patienceMs);
  }

  /** Gives up what is missing: no timer is left behind. */
  close(): void {
    clearTimeout(this.#retry);
  }

  #fail({ lost, isTorn }: OutputFailure): void {
    for (const text of lost) this.#lost += text === this.#report?.text ? this.#report.count : 1;
    this.#report = undefined;
    this.#isTorn ||= isTorn;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#reportLost();
    }, this.#retryMs);
    // The log alone must not keep a process alive.
    Deno.unrefTimer(this.#retry);
  }

  /** All that was written is out; after a failure there was nothing left. */
  #settle(): void {
    if (this.#report !== undefined) this.#isTorn = false;
    this.#report = undefined;
    this.#reportLost();
  }

  #reportLost(): void {
    if (this.#lost === 0 || this.#retry !== undefined) return;
    const count = this.#lost;
    const text = `${this.#isTorn ? "\n" : ""}${this.#formatLost(count)}\n`;
    this.#lost = 0;
    this.#report = { text, count };
    this.#queue.push(text);
  }
}
