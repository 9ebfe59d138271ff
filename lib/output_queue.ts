// Writes text to a stream of this process (stdout, stderr) in the background, one write at a time, so that
// a slow reader never blocks the program. Knows neither what the text means nor what happens to text that
// could not be written.

import { concat } from "@std/bytes/concat";
import { ThresholdWaiters } from "./collections/threshold_waiters.ts";
import { sleep } from "./time.ts";

/** The most bytes of one write: a pipe takes so many as a whole or not at all. */
const WRITE_BYTES = 4096;
/** The wait before the next write to a pipe that is full and does not block. */
const FULL_MS = 5;

const encoder = new TextEncoder();

/** `Deno.stdout`, `Deno.stderr`, or a stream of a test. */
export interface OutputStream {
  write(bytes: Uint8Array): Promise<number>;
}

interface OutputQueueOptions {
  /** The most bytes that may wait, those of the write in flight included. */
  readonly maxBytes: number;
  /** A write has failed. Must not throw. */
  readonly onFailure?: (failure: OutputFailure) => void;
  /** Everything has been written. Must not throw. */
  readonly onIdle?: () => void;
}

/** The texts that waited when a write failed. */
export interface OutputFailure {
  readonly error: unknown;
  /** The texts that were not written whole, the oldest first. */
  readonly lost: readonly string[];
  /** Whether the stream ends in the middle of the first of them. */
  readonly isTorn: boolean;
}

interface Item {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Texts in the order in which they were pushed. Nothing here throws, rejects or blocks. */
export class OutputQueue {
  readonly #stream: OutputStream;
  readonly #options: OutputQueueOptions;
  #waiting: Item[] = [];
  #bytes = 0;
  #isWriting = false;
  /** How many bytes have been written in all. */
  #written = 0;
  readonly #waiters = new ThresholdWaiters();

  constructor(stream: OutputStream, options: OutputQueueOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** How many bytes are not written yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Queues a text; false when there is no space for it: then nothing was queued. */
  push(text: string): boolean {
    if (text === "") return true;
    const bytes = encoder.encode(text);
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.maxBytes) return false;
    this.#waiting.push({ text, bytes });
    this.#bytes += bytes.length;
    if (!this.#isWriting) {
      this.#isWriting = true;
      // Texts pushed in the same turn are written together.
      queueMicrotask(() => void this.#writeAll());
    }
    return true;
  }

  /** Resolves when fewer bytes than this are left. */
  whenBelow(bytes: number): Promise<void> {
    if (this.#bytes < bytes) return Promise.resolve();
    return this.#waiters.whenBelow(bytes);
  }

  /**
   * Waits until everything is written, as long as the stream takes some of it every `patienceMs`.
   * @returns whether everything is written, or has failed
   */
  async flush(patienceMs: number): Promise<boolean> {
    while (this.#bytes > 0) {
      const before = this.#written;
      const done = new AbortController();
      await Promise.race([sleep(patienceMs, done.signal), this.whenBelow(1)]);
      done.abort();
      if (this.#bytes > 0 && this.#written === before) return false;
    }
    return true;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const items = this.#take();
      const { written, error } = await this.#write(concat(items.map(({ bytes }) => bytes)));
      if (error !== undefined) this.#fail(error, splitAt(items, written));
      this.#waiters.update(this.#bytes);
    }
    this.#isWriting = false;
    this.#options.onIdle?.();
  }

  /** As many of the waiting texts as fit one write, at least one. */
  #take(): readonly Item[] {
    let size = 0;
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (count > 0 && size + bytes.length > WRITE_BYTES) break;
      size += bytes.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(bytes: Uint8Array): Promise<{ readonly written: number; readonly error?: unknown }> {
    let written = 0;
    while (written < bytes.length) {
      try {
        const count = await this.#stream.write(bytes.subarray(written));
        written += count;
        this.#written += count;
        this.#bytes -= count;
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) return { written, error };
        await sleep(FULL_MS);
      }
    }
    return { written };
  }

  /** What waits would fail in the same way: it is dropped too, so that memory stays bounded. */
  #fail(error: unknown, { left, isTorn }: { left: readonly Item[]; isTorn: boolean }): void {
    const lost = [...left, ...this.#waiting].map(({ text }) => text);
    this.#waiting = [];
    this.#bytes = 0;
    this.#options.onFailure?.({ error, lost, isTorn });
  }
}

/** The texts that are not wholly among the first `written` bytes, and whether one is cut by them. */
function splitAt(
  items: readonly Item[],
  written: number,
): { readonly left: readonly Item[]; readonly isTorn: boolean } {
  let end = 0;
  let wholeEnd = 0;
  const left = items.filter(({ bytes }) => {
    end += bytes.length;
    if (end <= written) wholeEnd = end;
    return end > written;
  });
  return { left, isTorn: wholeEnd < written };
}
