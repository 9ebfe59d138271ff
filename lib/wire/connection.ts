// One connection, for either end: frames in by pulling, frames out through a bounded queue, over any
// stream of bytes. Knows neither sessions nor what a frame means; deadlines are its owner's.

import { startDeadline } from "../time.ts";
import type { ByteStream } from "./byte_stream.ts";
import type { Codec } from "./codec.ts";
import { FrameReader } from "./frame_reader.ts";
import { type QueueBudget, WriteQueue } from "./write_queue.ts";

export { QueueBudget } from "./write_queue.ts";

/** How long a gentle close lets the peer take what waits, in milliseconds. */
const FLUSH_MS = 2_000;
/** How long, and for how many bytes, it then hears the peer out: unread bytes would mean a reset. */
const LINGER_MS = 500;
const LINGER_BYTES = 64 * 1024;

const RESOLVED = Promise.resolve();

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
   * More was queued than may be. Called once, soon after it happened: what waited is dropped and
   * nothing more is taken; `close` with a last frame is what is expected now. Unless given, the
   * connection is aborted.
   */
  readonly onOverflow?: () => void;
  /** How long `close` waits for the peer to take what is left, and then for its end. */
  readonly flushMs?: number;
  readonly lingerMs?: number;
}

/**
 * Frames in and out. Nothing here throws or rejects because of the peer or the network: the
 * connection ends then, `incoming` with it, and what is sent later goes nowhere.
 */
export class Connection<In, Out> {
  /** As the option of this name; may change at any time. */
  maxQueueBytes: number;
  readonly #stream: ByteStream;
  readonly #codec: Codec<In, Out>;
  readonly #onOverflow: (() => void) | undefined;
  readonly #flushMs: number;
  readonly #lingerMs: number;
  readonly #reader: FrameReader<In>;
  readonly #queue: WriteQueue;
  #state: "open" | "overflowed" | "closing" | "ended" = "open";
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(stream: ByteStream, codec: Codec<In, Out>, options: ConnectionOptions) {
    const { monotonic, first, budget } = options;
    this.maxQueueBytes = options.maxQueueBytes;
    this.#stream = stream;
    this.#codec = codec;
    this.#onOverflow = options.onOverflow;
    this.#flushMs = options.flushMs ?? FLUSH_MS;
    this.#lingerMs = options.lingerMs ?? LINGER_MS;
    this.#reader = new FrameReader(stream, { codec, monotonic, first, owner: this });
    this.#queue = new WriteQueue(stream, { monotonic, budget, owner: this });
  }

  /**
   * One item for each read: what became complete in it, decoded as it is taken. Nothing is read
   * before an item is asked for, so a consumer that waits holds the peer back. All of an item must
   * be taken before the next is asked for. Ends when the peer has ended its side and when the
   * connection is closing.
   */
  get incoming(): AsyncIterableIterator<Iterable<In>> {
    return this.#reader;
  }

  /** Resolves when the stream is closed. */
  get ended(): Promise<void> {
    if (this.#state === "ended") return RESOLVED;
    this.#ended ??= Promise.withResolvers<void>();
    return this.#ended.promise;
  }

  /** Bytes that wait to be written, those of the write in flight included. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** All bytes received so far, those of the option `first` included. */
  get receivedBytes(): number {
    return this.#reader.receivedBytes;
  }

  /** When the last byte was received (at first: when this was made), monotonic milliseconds. */
  get lastByteAt(): number {
    return this.#reader.lastByteAt;
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
    const line = this.#codec.encode(frame);
    if (this.#hasRoomFor(line.length)) this.#queue.enqueueText(line);
  }

  /** Queues whole frames, shared with others and never changed; true when this started a write. */
  deliver(bytes: Uint8Array): boolean {
    return this.#state === "open" && this.#hasRoomFor(bytes.length) && this.#queue.push(bytes);
  }

  /**
   * Ends the connection gently: what waits and `last` are written, as long as the peer takes them in
   * time; then this side is ended, the peer is heard out for a moment, and the stream is closed.
   * Only the first call counts. Resolves when the connection has ended; never rejects.
   */
  close(last?: Out): Promise<void> {
    if (this.#state === "open" || this.#state === "overflowed") {
      this.#state = "closing";
      this.#reader.stop();
      if (last !== undefined) this.#queue.enqueueText(this.#codec.encode(last));
      void this.#finish();
    }
    return this.ended;
  }

  /** Ends the connection at once, whatever waits. */
  abort(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#reader.stop();
    this.#queue.discard();
    try {
      this.#stream.close();
    } catch {
      // Closed before, and that is all that was wanted.
    }
    this.#ended?.resolve();
  }

  /** An idle stream takes whatever comes: too much is only what piles up behind a write. */
  #hasRoomFor(bytes: number): boolean {
    const queued = this.#queue.bytes;
    if (queued === 0 || queued + bytes <= this.maxQueueBytes) return true;
    this.#state = "overflowed";
    this.#queue.dropWaiting();
    // Not from here: whoever sends or delivers is in the middle of something.
    queueMicrotask(() => this.#reportOverflow());
    return false;
  }

  #reportOverflow(): void {
    if (this.#state !== "overflowed") return;
    try {
      if (this.#onOverflow === undefined) this.abort();
      else this.#onOverflow();
    } catch {
      this.abort();
    }
  }

  async #finish(): Promise<void> {
    const flush = startDeadline(() => this.abort(), { ms: this.#flushMs });
    await this.#queue.whenBelow(1);
    flush.clear();
    if (this.#state === "closing") {
      const linger = startDeadline(() => this.abort(), { ms: this.#lingerMs });
      await this.#endGently();
      linger.clear();
    }
    this.abort();
  }

  async #endGently(): Promise<void> {
    try {
      await this.#stream.closeWrite();
      await this.#reader.drain(LINGER_BYTES);
    } catch {
      // The peer is gone, or the decoder failed on what it said last, which its consumer was told.
    }
  }
}
