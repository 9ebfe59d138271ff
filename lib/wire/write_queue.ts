// The way out of a connection: one write at a time, what waits merged into the next, bounded in
// bytes. Knows bytes only, neither frames nor what becomes of a peer that does not read.

import type { ByteStream } from "./byte_stream.ts";

/** One write carries at most about this much of what waits: a larger one only copies more. */
const MERGED_BYTES = 128 * 1024;
const RESOLVED = Promise.resolve();

/** How many bytes wait to be written on all connections together. */
export class QueueBudget {
  readonly maxBytes: number;
  used = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Whether more waits than may: then the owner ends the connection with the longest queue. */
  get isOver(): boolean {
    return this.used > this.maxBytes;
  }
}

export interface WriteQueueOptions {
  readonly monotonic: () => number;
  readonly budget?: QueueBudget | undefined;
  /** A write failed: nothing more can be written. Must not throw. */
  readonly onBroken: () => void;
}

interface Waiter {
  readonly bytes: number;
  readonly resolve: () => void;
}

/** Bytes on their way to a stream, whole frames in the order given. */
export class WriteQueue {
  readonly #stream: ByteStream;
  readonly #options: WriteQueueOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** What the write in flight has yet to write; undefined when the stream is idle. */
  #inFlight: Uint8Array | undefined;
  #progressAt = 0;
  #isStartDue = false;
  #isDiscarded = false;
  #waiters: Waiter[] = [];

  constructor(stream: ByteStream, options: WriteQueueOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** The bytes that no write has taken yet, those in flight included. */
  get bytes(): number {
    return this.#waitingBytes + (this.#inFlight?.length ?? 0);
  }

  /** Whether a write is in flight, or due at the end of this turn. */
  get isBusy(): boolean {
    return this.#inFlight !== undefined || this.#isStartDue;
  }

  /** Since when the write in flight has made no progress, monotonic milliseconds. */
  get stalledSince(): number | undefined {
    return this.#inFlight === undefined ? undefined : this.#progressAt;
  }

  /** Queues bytes, which are shared and never changed; true when this started a write. */
  push(bytes: Uint8Array): boolean {
    if (this.#isDiscarded) return false;
    this.#count(bytes.length);
    if (this.isBusy) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      return false;
    }
    this.#write(bytes);
    return true;
  }

  /** The same, but the write starts when the current turn's other work has queued its bytes too. */
  pushSoon(bytes: Uint8Array): void {
    if (this.#isDiscarded) return;
    this.#count(bytes.length);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.isBusy) return;
    this.#isStartDue = true;
    queueMicrotask(this.#startDue);
  }

  /** Forgets what waits; what is in flight is still written. */
  dropWaiting(): void {
    this.#count(-this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#notify();
  }

  /** Forgets everything, and whatever is pushed later: the stream is closed or broken. */
  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#count(-this.bytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#inFlight = undefined;
    this.#notify();
  }

  /** Resolves when fewer bytes than this are left, or when they are discarded; never rejects. */
  whenBelow(bytes: number): Promise<void> {
    if (this.#isDiscarded || this.bytes < bytes) return RESOLVED;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ bytes, resolve });
    return promise;
  }

  readonly #startDue = (): void => {
    this.#isStartDue = false;
    if (!this.#isDiscarded && this.#waiting.length > 0) this.#write(this.#takeWaiting());
  };

  #write(bytes: Uint8Array): void {
    this.#inFlight = bytes;
    this.#progressAt = this.#options.monotonic();
    this.#stream.write(bytes).then(this.#onWritten, this.#onFailed);
  }

  readonly #onWritten = (written: number): void => {
    const bytes = this.#inFlight;
    if (this.#isDiscarded || bytes === undefined) return;
    this.#count(-written);
    if (written < bytes.length) this.#write(bytes.subarray(written));
    else if (this.#waiting.length > 0) this.#write(this.#takeWaiting());
    else this.#inFlight = undefined;
    if (this.#waiters.length > 0) this.#notify();
  };

  readonly #onFailed = (): void => {
    if (!this.#isDiscarded) this.#options.onBroken();
  };

  /** The next bytes to write: as much of what waits as one write should carry, in one piece. */
  #takeWaiting(): Uint8Array {
    const waiting = this.#waiting;
    let count = 0;
    let size = 0;
    do size += (waiting[count++] as Uint8Array).length; while (
      count < waiting.length && size + (waiting[count] as Uint8Array).length <= MERGED_BYTES
    );
    const taken = count === waiting.length ? waiting : waiting.splice(0, count);
    if (taken === waiting) this.#waiting = [];
    this.#waitingBytes -= size;
    if (count === 1) return taken[0] as Uint8Array;
    const merged = new Uint8Array(size);
    let at = 0;
    for (const bytes of taken) {
      merged.set(bytes, at);
      at += bytes.length;
    }
    return merged;
  }

  #count(bytes: number): void {
    const { budget } = this.#options;
    if (budget !== undefined) budget.used += bytes;
  }

  #notify(): void {
    if (this.#waiters.length === 0) return;
    const isDone = ({ bytes }: Waiter) => this.#isDiscarded || this.bytes < bytes;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolve } of done) resolve();
  }
}
