// The reading side of a connection: reads when asked, into a buffer as large as the peer needs, and
// returns the frames that became complete. Knows a decoder, and nothing of what is written.

import type { MonotonicClock } from "../../time.ts";
import type { ByteStream } from "./byte_stream.ts";

/** Every idle connection holds a buffer of this size, so it is small. */
const SMALLEST_BUFFER = 512;
const LARGEST_BUFFER = 64 * 1024;
const GROWTH = 8;
/** After so many reads in a row that fit the smallest buffer, the buffer is that small again. */
const SMALL_READS = 2;

const NOTHING = new Uint8Array(0);
const DONE = { done: true, value: undefined } as const;

interface FrameReaderOptions<In> {
  readonly codec: { decode(chunk: Uint8Array): Iterable<In> };
  readonly clock: MonotonicClock;
  /** What was read from the stream before; comes first. */
  readonly first?: Uint8Array | undefined;
  /** Is aborted when reading fails. */
  readonly owner: { abort(): void };
}

/**
 * The frames of a stream, one item a read. Nothing is read before an item is asked for; items are asked
 * for one at a time. Rejects only with what the codec throws.
 */
export class FrameReader<In> implements AsyncIterableIterator<Iterable<In>, undefined> {
  readonly #stream: ByteStream;
  readonly #codec: { decode(chunk: Uint8Array): Iterable<In> };
  readonly #clock: MonotonicClock;
  readonly #owner: { abort(): void };
  #first: Uint8Array;
  #buffer = NOTHING;
  #smallReads = 0;
  #pulling: Promise<unknown> | undefined;
  #isStopped = false;
  #hasPeerEnded = false;
  #receivedBytes: number;
  #lastByteAt: number;

  constructor(stream: ByteStream, options: FrameReaderOptions<In>) {
    this.#stream = stream;
    this.#codec = options.codec;
    this.#clock = options.clock;
    this.#owner = options.owner;
    this.#first = options.first ?? NOTHING;
    this.#receivedBytes = this.#first.length;
    this.#lastByteAt = options.clock.monotonic();
  }

  /** All bytes so far, the first ones included. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** When the last byte was received, at first when this was created; monotonic milliseconds. */
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Iterable<In>, undefined>> {
    const pulling = this.#isStopped ? Promise.resolve(DONE) : this.#pull();
    this.#pulling = pulling;
    return pulling;
  }

  /** Ends the iteration: what a pending read brings is dropped. */
  stop(): void {
    this.#isStopped = true;
  }

  /** After `stop`: reads and drops, until the peer has ended its side or so many bytes have come. */
  async drain(maxBytes: number): Promise<void> {
    const enough = this.#receivedBytes + maxBytes;
    await this.#pulling;
    while (!this.#hasPeerEnded && this.#receivedBytes < enough) await this.#pull();
  }

  async #pull(): Promise<IteratorResult<Iterable<In>, undefined>> {
    const first = this.#first;
    if (first.length > 0) {
      this.#first = NOTHING;
      return { done: false, value: this.#codec.decode(first) };
    }
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(SMALLEST_BUFFER);
    let length: number | null = null;
    try {
      length = await this.#stream.read(this.#buffer);
    } catch {
      this.#owner.abort();
    }
    if (length === null) {
      this.#hasPeerEnded = true;
      return DONE;
    }
    this.#receivedBytes += length;
    this.#lastByteAt = this.#clock.monotonic();
    if (this.#isStopped) return DONE;
    const value = this.#codec.decode(this.#buffer.subarray(0, length));
    this.#fitBuffer(length);
    return { done: false, value };
  }

  /** A full buffer means that more is waiting; for small reads the smallest is enough. */
  #fitBuffer(length: number): void {
    const size = this.#buffer.length;
    this.#smallReads = length < SMALLEST_BUFFER ? this.#smallReads + 1 : 0;
    if (length === size && size < LARGEST_BUFFER) {
      this.#buffer = new Uint8Array(Math.min(size * GROWTH, LARGEST_BUFFER));
    } else if (this.#smallReads >= SMALL_READS && size > SMALLEST_BUFFER) {
      this.#buffer = new Uint8Array(SMALLEST_BUFFER);
    }
  }
}
