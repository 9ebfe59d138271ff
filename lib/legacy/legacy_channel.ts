// The legacy dialect on one connection (protocol §9): requests are read from bare objects, and replies
// are written as such, at the pace and in the sizes that the old program can read.

import type { Batch } from "../chat/event_batch.ts";
import type { Channel, ChannelOptions, Dialect } from "../server/connection/channel.ts";
import { type Deadline, startDeadline } from "../time.ts";
import type { ByteStream } from "../wire/stream/byte_stream.ts";
import { Connection } from "../wire/stream/connection.ts";
import { ChatError } from "../wire/errors.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { Inbound } from "../wire/request.ts";
import { BAD_JSON, LegacyCodec, type LegacyReply, splitReply } from "./legacy_codec.ts";

/** The old program takes each read for one object: two objects must not arrive in one read. */
const PACE_MS = 200;
/** An object that is still open so long after its last byte is dropped. */
const OPEN_MS = 2_000;
/** The dialect has no sign of life; TCP's keep-alive finds peers that vanished. */
const IDLE_MS = 24 * 3_600_000;

class LegacyChannel implements Channel {
  readonly #codec: LegacyCodec;
  readonly #wire: Connection<Inbound, LegacyReply>;
  readonly #onOverflow: () => void;
  readonly maxQueueBytes: number;
  /** Replies that wait for the pace. */
  readonly #paced: LegacyReply[] = [];
  #pacedBytes = 0;
  #whenPaced: PromiseWithResolvers<void> | undefined;
  #paceTimer: ReturnType<typeof setTimeout> | undefined;
  #openDeadline: Deadline | undefined;

  constructor(stream: ByteStream, options: ChannelOptions) {
    const { limits, onOverflow } = options;
    this.maxQueueBytes = limits.queue_bytes;
    this.#onOverflow = onOverflow;
    this.#codec = new LegacyCodec(limits.frame);
    this.#wire = new Connection(stream, this.#codec, {
      ...options,
      maxQueueBytes: limits.queue_bytes,
    });
  }

  get incoming(): AsyncIterable<Iterable<Inbound>> {
    return this.#read();
  }

  get receivedBytes(): number {
    return this.#wire.receivedBytes;
  }

  get lastByteAt(): number {
    return this.#wire.lastByteAt;
  }

  get writingSince(): number | undefined {
    return this.#wire.writingSince;
  }

  get queuedBytes(): number {
    return this.#wire.queuedBytes + this.#pacedBytes;
  }

  /** The dialect has errors. Of a new inquiry the reply names the room of the questions that follow. */
  send(frame: ServerFrame): void {
    if (frame.type === "error") {
      this.#reply({ type: "error", code: frame.code, content: frame.message });
    } else if (frame.type === "ok" && frame.inquiry !== undefined) {
      this.#codec.inquiryRoom = frame.room;
    }
  }

  /** The dialect has answers that were not deleted, and no other event: an edit is none. */
  deliverBatch({ events }: Batch): boolean {
    for (const event of events) {
      if (event.type !== "response" || event.content === undefined) continue;
      this.#reply({ type: "response", content: event.content });
    }
    return false;
  }

  /** The dialect has events of the user's own inquiries alone: nobody is removed from those. */
  dropEventsOf(): void {}

  async whenQueueBelow(bytes: number): Promise<void> {
    if (this.queuedBytes >= bytes) await this.whenPaced();
    await this.#wire.whenQueueBelow(bytes);
  }

  whenPaced(): Promise<void> | undefined {
    if (this.#paced.length === 0) return undefined;
    this.#whenPaced ??= Promise.withResolvers();
    return this.#whenPaced.promise;
  }

  /** The limits of the dialect are those of a connection that is logged in, from the first byte. */
  raiseLimits(): void {}

  /** The dialect has no last frame. Replies that wait for the pace are dropped. */
  close(): Promise<void> {
    this.#stopTimers();
    return this.#wire.close();
  }

  abort(): void {
    this.#stopTimers();
    this.#wire.abort();
  }

  async *#read(): AsyncGenerator<Iterable<Inbound>> {
    for await (const requests of this.#wire.incoming) {
      this.#openDeadline?.clear();
      yield requests;
      if (this.#codec.isOpen) {
        this.#openDeadline = startDeadline(() => this.#dropOpen(), { ms: OPEN_MS });
      }
    }
    this.#openDeadline?.clear();
  }

  #dropOpen(): void {
    this.#codec.drop();
    this.#reply({ type: "error", code: BAD_JSON.code, content: BAD_JSON.message });
  }

  #reply(reply: LegacyReply): void {
    for (const part of splitReply(reply)) {
      this.#paced.push(part);
      this.#pacedBytes += part.content.length;
    }
    if (this.#pacedBytes > this.maxQueueBytes) return this.#onOverflow();
    if (this.#paceTimer === undefined) this.#sendNext();
  }

  #sendNext(): void {
    const reply = this.#paced.shift();
    if (reply !== undefined) {
      this.#pacedBytes -= reply.content.length;
      this.#wire.send(reply);
    }
    if (this.#paced.length === 0) this.#notePaced();
    this.#paceTimer = reply && setTimeout(() => this.#sendNext(), PACE_MS);
  }

  #stopTimers(): void {
    clearTimeout(this.#paceTimer);
    this.#openDeadline?.clear();
    this.#paced.length = 0;
    this.#pacedBytes = 0;
    this.#notePaced();
  }

  #notePaced(): void {
    this.#whenPaced?.resolve();
    this.#whenPaced = undefined;
  }
}

/** An old program has no name: it is a guest by number, who cannot come back. */
export const LEGACY_DIALECT: Dialect = {
  openChannel: (stream, options) => new LegacyChannel(stream, options),
  login: { idleMs: IDLE_MS, admit: (naming) => naming.admitNumbered() },
};

/** The dialect where it is off: the first object is refused, and the connection closed. */
export const REFUSED_LEGACY_DIALECT: Dialect = {
  openChannel: LEGACY_DIALECT.openChannel,
  login: {
    idleMs: IDLE_MS,
    admit: () =>
      Promise.reject(
        new ChatError(
          "forbidden",
          "This server does not speak the old dialect: ask its operator, or use the parley client",
        ),
      ),
  },
};
