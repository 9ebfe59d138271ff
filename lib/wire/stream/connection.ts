// One connection over any stream of bytes, for either end: reads frames on request, and writes them through
// a bounded queue. Knows neither sessions nor what a frame means; its owner sets deadlines.

import { type MonotonicClock, startDeadline } from "../../time.ts";
import type { ByteStream } from "./byte_stream.ts";
import type { Codec } from "../codec.ts";
import { FrameReader } from "./frame_reader.ts";
import { type QueueBudget, WriteQueue } from "./write_queue.ts";

export { QueueBudget } from "./write_queue.ts";

/** How long a close waits until the peer has read what is queued, in milliseconds. */
const FLUSH_MS = 2_000;
/** How long, and how many bytes, it then reads on: with unread bytes the system would send a reset. */
const LINGER_MS = 500;
const LINGER_BYTES = 64 * 1024;

const RESOLVED = Promise.resolve();

export interface ConnectionOptions {
  /** The most bytes that may wait to be written, those of the write in flight included. */
  readonly maxQueueBytes: number;
  readonly clock: MonotonicClock;
  /** What was read from the stream before: decoded first. */
  readonly first?: Uint8Array;
  /** The count of queued bytes that this connection shares with others. */
  readonly budget?: QueueBudget;
  /**
   * The queue had no space for a frame. Called once, soon after: the queue was emptied and takes nothing
   * more; the owner is expected to call `close` with a last frame. Without this option the connection
   * is aborted.
   */
  readonly onOverflow?: () => void;
  /** How long `close` waits until the peer has read what is queued, and then for its end. */
  readonly flushMs?: number;
  readonly lingerMs?: number;
}

/**
 * Frames in and out. Nothing here throws or rejects because of the peer or the network: then the
 * connection ends, `incoming` too, and what is sent later is dropped.
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
    const { clock, first, budget } = options;
    this.maxQueueBytes = options.maxQueueBytes;
    this.#stream = stream;
    this.#codec = codec;
    this.#onOverflow = options.onOverflow;
    this.#flushMs = options.flushMs ?? FLUSH_MS;
    this.#lingerMs = options.lingerMs ?? LINGER_MS;
    this.#reader = new FrameReader(stream, { codec, clock, first, owner: this });
    this.#queue = new WriteQueue(stream, { clock, budget, owner: this });
  }

  /**
   * One item for each read: the frames that became complete, decoded as they are taken. Nothing is read
   * before an item is asked for, so a consumer that waits slows the peer down. All of an item must be
   * taken before the next is asked for. Ends when the peer has ended its side and when the connection
   * is closing.
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

  /** When the last byte was received, at first when this was created; monotonic milliseconds. */
  get lastByteAt(): number {
    return this.#reader.lastByteAt;
  }

  /** When the write in flight last made progress; undefined when none is in flight. */
  get writingSince(): number | undefined {
    return this.#queue.stalledSince;
  }

  /** Resolves when fewer bytes than this wait, or when the connection has ended. */
  whenQueueBelow(bytes: number): Promise<void> {
    return this.#queue.whenBelow(bytes);
  }

  /** Queues a frame and returns at once; frames of one turn are written together. */
  send(frame: Out): void {
    if (this.#state !== "open") return;
    const line = this.#codec.encode(frame);
    if (this.#hasRoomFor(line.length)) this.#queue.enqueueText(line);
  }

  /** Queues whole frames, shared with others and never changed; true when this started a write. */
  deliver(bytes: Uint8Array): boolean {
    return this.#state === "open" && this.#hasRoomFor(bytes.length) && this.#queue.push(bytes);
  }

  /** Drops those of the lines that wait behind a write and are not to be kept. */
  filterWaiting(isKept: (line: string) => boolean): void {
    this.#queue.filterWaiting(isKept);
  }

  /**
   * Ends the connection in order. The queue and `last` are written, if the peer reads them in time. Then
   * this side is ended, input of the peer is still read for a moment, and the stream is closed. Only the
   * first call counts. Resolves when the connection has ended; never rejects.
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

  /** Ends the connection at once; what is queued is dropped. */
  abort(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#reader.stop();
    this.#queue.discard();
    try {
      this.#stream.close();
    } catch {
      // It was closed before.
    }
    this.#ended?.resolve();
  }

  /** An idle stream takes a frame of any size: the limit is for what waits behind a write. */
  #hasRoomFor(bytes: number): boolean {
    const queued = this.#queue.bytes;
    if (queued === 0 || queued + bytes <= this.maxQueueBytes) return true;
    this.#state = "overflowed";
    this.#queue.dropWaiting();
    // Not now: the caller of `send` or `deliver` is in the middle of its work.
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
      // The peer is gone, or the decoder failed on its last bytes, and has told its consumer.
    }
  }
}
