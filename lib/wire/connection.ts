// One connection, for either end: frames in by pulling, frames out through a bounded queue, over any
// stream of bytes. Knows neither sessions nor what a frame means; times are its owner's to judge.

import type { ByteStream } from "./byte_stream.ts";
import type { Codec } from "./codec.ts";
import { type QueueBudget, WriteQueue } from "./write_queue.ts";

export { QueueBudget } from "./write_queue.ts";

/** Ten thousand idle connections hold this each, so it is small. */
const SMALLEST_READ = 512;
const LARGEST_READ = 64 * 1024;
const READ_GROWTH = 8;
/** After so many reads in a row that the smallest buffer could have held, it is taken again. */
const QUIET_READS = 2;

/** How long a gentle close waits for the peer to take what is left, in milliseconds. */
const FLUSH_MS = 2_000;
/** How long, and for how many bytes, it then listens, so that a reset does not eat the last frame. */
const LINGER_MS = 500;
const LINGER_BYTES = 64 * 1024;

const NOTHING = new Uint8Array(0);

export interface ConnectionOptions {
  /** The most bytes that may wait to be written, those of the write in flight included. */
  readonly maxQueueBytes: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  /** What was read from the stream before: decoded first. */
  readonly first?: Uint8Array;
  /** The count of queued bytes that this connection shares with others. */
  readonly budget?: QueueBudget;
  /**
   * More was queued than may be. Called once, after the call that did it; by then the queue is
   * dropped and takes nothing but the last frame of `close`, which is what is expected now.
   */
  readonly onOverflow?: () => void;
  /** How long `close` may take for each of its two steps, in milliseconds. */
  readonly flushMs?: number;
  readonly lingerMs?: number;
}

/**
 * Frames in and out. Nothing here throws or rejects because of the peer or the network: the
 * connection then ends, `incoming` with it, and what is sent after goes nowhere.
 */
export class Connection<In, Out> {
  /** Like the option of this name; may be changed at any time. */
  maxQueueBytes: number;
  /**
   * One item for each read: what became complete in it, decoded as it is taken. Nothing is read
   * until an item is asked for, so a consumer that waits holds its peer back. All of an item must be
   * taken before the next is asked for. Ends when the peer has ended its side, or the connection is
   * over or closing; to be iterated once.
   */
  readonly incoming: AsyncIterable<Iterable<In>>;
  /** Resolves when the stream is closed and nothing of this connection goes on. */
  readonly ended: Promise<void>;

  readonly #stream: ByteStream;
  readonly #codec: Codec<In, Out>;
  readonly #options: ConnectionOptions;
  readonly #queue: WriteQueue;
  readonly #resolveEnded: () => void;
  #state: "open" | "overflowed" | "closing" | "ended" = "open";
  #readBuffer = NOTHING;
  #quietReads = 0;
  #reading: Promise<number | null> | undefined;
  #hasPeerEnded = false;
  #receivedBytes: number;
  #lastByteAt: number;

  constructor(stream: ByteStream, codec: Codec<In, Out>, options: ConnectionOptions) {
    this.#stream = stream;
    this.#codec = codec;
    this.#options = options;
    this.maxQueueBytes = options.maxQueueBytes;
    this.#queue = new WriteQueue(stream, {
      monotonic: options.monotonic,
      budget: options.budget,
      onBroken: () => this.abort(),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#receivedBytes = options.first?.length ?? 0;
    this.#lastByteAt = options.monotonic();
    this.incoming = { [Symbol.asyncIterator]: () => this.#readAll() };
  }

  /** Bytes that wait to be written, those of the write in flight included. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** All bytes received so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** When the last byte was received (at first: when this was made), monotonic milliseconds. */
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  /** Since when the write in flight has made no progress; undefined when none is in flight. */
  get writingSince(): number | undefined {
    return this.#queue.stalledSince;
  }

  /** Resolves when fewer bytes than this wait, or when the connection has ended. */
  whenQueueBelow(bytes: number): Promise<void> {
    return this.#queue.whenBelow(bytes);
  }

  /** Queues a frame and returns at once; frames sent in one turn are written together. */
  send(frame: Out): void {
    if (this.#state !== "open") return;
    const bytes = this.#codec.encode(frame);
    if (this.#hasRoomFor(bytes)) this.#queue.pushSoon(bytes);
  }

  /** Queues whole frames, shared with others and never changed; true when this started a write. */
  deliver(bytes: Uint8Array): boolean {
    return this.#state === "open" && this.#hasRoomFor(bytes) && this.#queue.push(bytes);
  }

  /**
   * Ends the connection gently: what waits and `last` are written, for as long as the peer takes it
   * in time; then this side is ended, the peer is heard out for a moment, and the stream is closed.
   * Only the first call counts. Resolves when the connection is over.
   */
  close(last?: Out): Promise<void> {
    if (this.#state === "closing" || this.#state === "ended") return this.ended;
    this.#state = "closing";
    if (last !== undefined) this.#queue.push(this.#codec.encode(last));
    void this.#finish();
    return this.ended;
  }

  /** Ends the connection at once, whatever waits. */
  abort(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#queue.discard();
    this.#readBuffer = NOTHING;
    try {
      this.#stream.close();
    } catch {
      // Closed before: that is all that was wanted.
    }
    this.#resolveEnded();
  }

  /** An idle stream takes whatever comes: too much is only what piles up behind a write. */
  #hasRoomFor(bytes: Uint8Array): boolean {
    const isRoom = !this.#queue.isBusy || this.#queue.bytes + bytes.length <= this.maxQueueBytes;
    if (!isRoom) this.#overflow();
    return isRoom;
  }

  #overflow(): void {
    this.#state = "overflowed";
    this.#queue.dropWaiting();
    // Not from within send or deliver: their callers are in the middle of telling others.
    queueMicrotask(() => {
      if (this.#state !== "overflowed") return;
      try {
        this.#options.onOverflow?.();
      } catch {
        this.abort();
      }
    });
  }

  async *#readAll(): AsyncGenerator<Iterable<In>, void, void> {
    const { first } = this.#options;
    if (first !== undefined && first.length > 0) yield this.#codec.decode(first);
    while (this.#isOpen) {
      const length = await this.#read();
      if (length === null || !this.#isOpen) return;
      yield this.#codec.decode(this.#readBuffer.subarray(0, length));
      this.#fitReadBuffer(length);
    }
  }

  get #isOpen(): boolean {
    return this.#state === "open" || this.#state === "overflowed";
  }

  /** Reads once, and only once at a time; null when the peer has ended its side or all is over. */
  #read(): Promise<number | null> {
    return this.#reading ??= this.#readOnce();
  }

  async #readOnce(): Promise<number | null> {
    if (this.#readBuffer.length === 0) this.#readBuffer = new Uint8Array(SMALLEST_READ);
    let length: number | null = null;
    try {
      length = await this.#stream.read(this.#readBuffer);
    } catch {
      this.abort();
    }
    this.#reading = undefined;
    if (length === null) {
      this.#hasPeerEnded = true;
    } else {
      this.#receivedBytes += length;
      this.#lastByteAt = this.#options.monotonic();
    }
    return length;
  }

  /** A full buffer means that more is waiting; a quiet peer gets by with the smallest. */
  #fitReadBuffer(length: number): void {
    const size = this.#readBuffer.length;
    this.#quietReads = length < SMALLEST_READ ? this.#quietReads + 1 : 0;
    if (length === size && size < LARGEST_READ) {
      this.#readBuffer = new Uint8Array(Math.min(size * READ_GROWTH, LARGEST_READ));
    } else if (this.#quietReads >= QUIET_READS && size > SMALLEST_READ) {
      this.#readBuffer = new Uint8Array(SMALLEST_READ);
    }
  }

  async #finish(): Promise<void> {
    let timer = setTimeout(() => this.abort(), this.#options.flushMs ?? FLUSH_MS);
    await this.#queue.whenBelow(1);
    clearTimeout(timer);
    if (this.#state !== "ended") {
      timer = setTimeout(() => this.abort(), this.#options.lingerMs ?? LINGER_MS);
      await this.#endGently();
      clearTimeout(timer);
    }
    this.abort();
  }

  async #endGently(): Promise<void> {
    try {
      await this.#stream.closeWrite();
    } catch {
      return;
    }
    let heard = 0;
    while (!this.#hasPeerEnded && heard < LINGER_BYTES) heard += await this.#read() ?? 0;
  }
}
