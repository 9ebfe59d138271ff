// The writing side of a connection: one write at a time; waiting bytes are counted, and merged into the
// next write. Knows no frames, and does not decide about a peer that does not read.

import { concat } from "@std/bytes/concat";
import { ThresholdWaiters } from "../../collections/threshold_waiters.ts";
import type { MonotonicClock } from "../../time.ts";
import type { ByteStream } from "./byte_stream.ts";

/** About the most bytes of what waits that are merged into one write: more would only copy more. */
const MERGED_BYTES = 128 * 1024;

const RESOLVED = Promise.resolve();

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The lines that are kept; the same bytes when all are. */
function filterLines(bytes: Uint8Array, isKept: (line: string) => boolean): Uint8Array {
  const lines = decoder.decode(bytes).split(/(?<=\n)/);
  const kept = lines.filter(isKept);
  return kept.length === lines.length ? bytes : encoder.encode(kept.join(""));
}

/** How many bytes wait to be written on all connections together. */
export class QueueBudget {
  readonly maxBytes: number;
  #used = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether more waits than is allowed: the owner then ends the connection with the longest queue. */
  get isOver(): boolean {
    return this.#used > this.maxBytes;
  }

  /** Counts bytes that start to wait, or, below zero, that no longer wait. */
  add(bytes: number): void {
    this.#used += bytes;
  }
}

interface WriteQueueOptions {
  readonly clock: MonotonicClock;
  readonly budget?: QueueBudget | undefined;
  /** Is aborted when a write fails. */
  readonly owner: { abort(): void };
}

/** Lines for a stream, written in the order in which they were queued. Never throws or rejects. */
export class WriteQueue {
  readonly #stream: ByteStream;
  readonly #clock: MonotonicClock;
  readonly #budget: QueueBudget | undefined;
  readonly #owner: { abort(): void };
  /** The text of this turn; it is encoded, all at once, when the turn ends. */
  #pendingText = "";
  #isTurnEndDue = false;
  #waiting: Uint8Array[] | undefined;
  #waitingBytes = 0;
  /** What is left of the write in flight: 0 when the stream is idle. */
  #inFlightBytes = 0;
  #progressAt = 0;
  #isDiscarded = false;
  #waiters: ThresholdWaiters | undefined;

  constructor(stream: ByteStream, options: WriteQueueOptions) {
    this.#stream = stream;
    this.#clock = options.clock;
    this.#budget = options.budget;
    this.#owner = options.owner;
  }

  /** The bytes not yet written, those in flight included; text of this turn counts as ASCII. */
  get bytes(): number {
    return this.#pendingText.length + this.#waitingBytes + this.#inFlightBytes;
  }

  /** When the write in flight last made progress, monotonic milliseconds. */
  get stalledSince(): number | undefined {
    return this.#inFlightBytes === 0 ? undefined : this.#progressAt;
  }

  /** Queues bytes, which are shared and never changed; true when this started a write. */
  push(bytes: Uint8Array): boolean {
    if (this.#isDiscarded || bytes.length === 0) return false;
    this.#encodeText();
    this.#budget?.add(bytes.length);
    if (this.#inFlightBytes === 0 && this.#waitingBytes === 0) {
      void this.#writeOn(bytes);
      return true;
    }
    this.#wait(bytes);
    return false;
  }

  /** Queues lines. Those of one turn are encoded and written together, when it ends. */
  enqueueText(lines: string): void {
    if (this.#isDiscarded) return;
    this.#budget?.add(lines.length);
    this.#pendingText += lines;
    if (this.#isTurnEndDue) return;
    this.#isTurnEndDue = true;
    queueMicrotask(() => this.#endTurn());
  }

  /** Drops what waits; what is in flight is still written. */
  dropWaiting(): void {
    this.#budget?.add(-this.#pendingText.length - this.#waitingBytes);
    this.#pendingText = "";
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#waiters?.update(this.bytes);
  }

  /** Drops those of the waiting lines that are not to be kept; what is in flight is still written. */
  filterWaiting(isKept: (line: string) => boolean): void {
    this.#encodeText();
    if (this.#waiting === undefined) return;
    const before = this.#waitingBytes;
    const kept = this.#waiting.map((bytes) => filterLines(bytes, isKept))
      .filter((bytes) => bytes.length > 0);
    this.#waitingBytes = kept.reduce((sum, bytes) => sum + bytes.length, 0);
    this.#waiting = kept.length === 0 ? undefined : kept;
    this.#budget?.add(this.#waitingBytes - before);
    this.#waiters?.update(this.bytes);
  }

  /** Drops everything, and what is queued later: the stream is closed. */
  discard(): void {
    this.#isDiscarded = true;
    this.#budget?.add(-this.#inFlightBytes);
    this.#inFlightBytes = 0;
    this.dropWaiting();
  }

  /** Resolves when fewer bytes than this are left, or when they are discarded. */
  whenBelow(bytes: number): Promise<void> {
    if (this.#isDiscarded || this.bytes < bytes) return RESOLVED;
    this.#waiters ??= new ThresholdWaiters();
    return this.#waiters.whenBelow(bytes);
  }

  #endTurn(): void {
    this.#isTurnEndDue = false;
    this.#encodeText();
    if (this.#inFlightBytes > 0) return;
    const bytes = this.#takeWaiting();
    if (bytes !== undefined) void this.#writeOn(bytes);
  }

  #encodeText(): void {
    if (this.#pendingText === "") return;
    const bytes = encoder.encode(this.#pendingText);
    this.#budget?.add(bytes.length - this.#pendingText.length);
    this.#pendingText = "";
    this.#wait(bytes);
  }

  #wait(bytes: Uint8Array): void {
    this.#waiting ??= [];
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Writes these bytes and then what waits, until nothing waits. */
  async #writeOn(bytes: Uint8Array): Promise<void> {
    try {
      let next: Uint8Array | undefined = bytes;
      this.#inFlightBytes = bytes.length;
      while (next !== undefined) {
        this.#progressAt = this.#clock.monotonic();
        const written = await this.#stream.write(next);
        if (this.#isDiscarded) return;
        this.#budget?.add(-written);
        next = written < next.length ? next.subarray(written) : this.#takeWaiting();
        this.#inFlightBytes = next?.length ?? 0;
        this.#waiters?.update(this.bytes);
      }
    } catch {
      this.#owner.abort();
    }
  }

  /** The bytes of the next write: as much of what waits as fits, in one piece. */
  #takeWaiting(): Uint8Array | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined) return undefined;
    let size = 0;
    let count = 0;
    for (const bytes of waiting) {
      if (count > 0 && size + bytes.length > MERGED_BYTES) break;
      size += bytes.length;
      count++;
    }
    this.#waitingBytes -= size;
    const taken = count < waiting.length ? waiting.splice(0, count) : waiting;
    if (taken === waiting) this.#waiting = undefined;
    return taken.length === 1 ? taken[0] : concat(taken);
  }
}
