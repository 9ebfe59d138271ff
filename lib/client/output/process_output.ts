// The process's stdout and stderr as an Output. Whole texts are written in order, in the background, so
// that the client answers its server and Ctrl-C even when nobody reads its output.

import { abortable } from "@std/async/abortable";
import { OutputQueue } from "../../output_queue.ts";
import { Failure } from "../exit.ts";
import { type Output, OutputClosed } from "./plain_and_json_views.ts";

/** Unread data on stdout; with more than this, no more is requested. */
const BACKLOG_BYTES = 1024 * 1024;
/** Unread text on stderr; more is dropped. */
const STDERR_BYTES = 1024 * 1024;
/** How long the end waits for a reader that reads nothing. */
const FLUSH_MS = 500;

/** This process's own stdout and stderr. */
class ProcessOutput implements Output {
  readonly #stdout = new OutputQueue(Deno.stdout, {
    maxBytes: Infinity,
    onFailure: ({ error }) => this.#fail(error),
  });
  // A text that cannot be written is dropped: that must not end the program.
  readonly #stderr = new OutputQueue(Deno.stderr, { maxBytes: STDERR_BYTES });
  readonly #failed = new AbortController();

  /** Aborts when stdout cannot be written any more; the reason is what `stdout` throws from then on. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  stdout(text: string): void {
    this.#failed.signal.throwIfAborted();
    this.#stdout.push(text);
  }

  stderr(text: string): void {
    this.#stderr.push(text);
  }

  whenRoom(): Promise<void> | undefined {
    if (this.#stdout.bytes < BACKLOG_BYTES) return undefined;
    return this.#stdout.whenBelow(BACKLOG_BYTES);
  }

  columnsOf(stream: "stdout" | "stderr"): number | undefined {
    if (!Deno[stream].isTerminal()) return undefined;
    try {
      return Deno.consoleSize().columns || undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Waits until stdout is written, however long its reader takes; once `signal` aborts, only shortly.
   * @throws the error of `stdout`, or the signal's reason
   */
  async finishStdout(signal: AbortSignal): Promise<void> {
    await abortable(this.#stdout.whenBelow(1), signal).catch(() => {}); // The signal throws below.
    await this.#stdout.flush(FLUSH_MS);
    this.#failed.signal.throwIfAborted();
    if (this.#stdout.bytes > 0) signal.throwIfAborted();
  }

  /** Waits until stderr is written, but not long for a reader that reads nothing. */
  async finishStderr(): Promise<void> {
    await this.#stderr.flush(FLUSH_MS);
  }

  #fail(error: unknown): void {
    if (error instanceof Deno.errors.BrokenPipe) {
      return this.#failed.abort(new OutputClosed("stdout is closed"));
    }
    const why = error instanceof Error ? error.message : "unknown reason";
    this.#failed.abort(new Failure("config", `Cannot write to stdout: ${why}`, { cause: error }));
  }
}

/** The output of this process. */
export const processOutput: ProcessOutput = new ProcessOutput();
