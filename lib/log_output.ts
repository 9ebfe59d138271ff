// Writes log lines to a stream that may be full, broken or unread. Lines that cannot be written are
// counted, and the count is the first line when the stream accepts lines again. Knows no log
// levels.

import { type OutputFailure, OutputQueue, type OutputStream } from "./output_queue.ts";

/** The most bytes that wait for an unread stream. */
const MAX_BYTES = 1024 * 1024;
/** The interval of retries on a failed stream while lines are missing. */
const RETRY_MS = 1_000;

interface LogLinesOptions {
  /** Formats the line that reports how many lines are missing. */
  readonly formatDropped: (count: number) => string;
  readonly maxBytes?: number;
  readonly retryMs?: number;
}

export class LogLines {
  readonly #queue: OutputQueue;
  readonly #formatDropped: (count: number) => string;
  readonly #retryMs: number;
  #dropped = 0;
  /** The report that is being written, and the number of lines it reports. */
  #report: { readonly text: string; readonly count: number } | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** The output may have stopped in the middle of a line. */
  #isTorn = false;

  constructor(stream: OutputStream, options: LogLinesOptions) {
    this.#formatDropped = options.formatDropped;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#queue = new OutputQueue(stream, {
      maxBytes: options.maxBytes ?? MAX_BYTES,
      onFailure: (failure) => this.#fail(failure),
      onIdle: () => this.#settle(),
    });
  }

  /** How many lines are missing and not yet reported. */
  get lost(): number {
    return this.#dropped;
  }

  /** Writes a line, given without its newline, or counts it as lost. Returns at once; never throws. */
  write(line: string): void {
    // After a failure or a gap the report of missing lines is written first.
    if (this.#dropped > 0 || !this.#queue.push(`${line}\n`)) this.#dropped++;
  }

  /** As `OutputQueue.flush`. */
  flush(patienceMs: number): Promise<boolean> {
    return this.#queue.flush(patienceMs);
  }

  /** Drops the report of missing lines and its timer. */
  close(): void {
    clearTimeout(this.#retry);
  }

  #fail({ lost, isTorn }: OutputFailure): void {
    for (const text of lost) this.#dropped += text === this.#report?.text ? this.#report.count : 1;
    this.#report = undefined;
    this.#isTorn ||= isTorn;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#reportDropped();
    }, this.#retryMs);
    // The log must not keep the process alive.
    Deno.unrefTimer(this.#retry);
  }

  /** Everything was written; after a failure nothing is left to write. */
  #settle(): void {
    if (this.#report !== undefined) this.#isTorn = false;
    this.#report = undefined;
    this.#reportDropped();
  }

  #reportDropped(): void {
    if (this.#dropped === 0 || this.#retry !== undefined) return;
    const count = this.#dropped;
    const text = `${this.#isTorn ? "\n" : ""}${this.#formatDropped(count)}\n`;
    this.#dropped = 0;
    this.#report = { text, count };
    this.#queue.push(text);
  }
}
