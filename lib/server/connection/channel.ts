// What a dialect is to the request loop: a channel of requests and frames. Everything else about a
// connection (order, rates, refusals, back-pressure) is the same in every dialect.

import type { Batch } from "../../chat/event_batch.ts";
import type { OpenPrincipal } from "../../chat/people/principal.ts";
import type { Naming } from "../../chat/people/naming.ts";
import type { MonotonicClock } from "../../time.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { ServerCodec } from "../../wire/codec.ts";
import { Connection, type QueueBudget } from "../../wire/stream/connection.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { isFields } from "../../wire/json.ts";
import type { Limits } from "../../wire/limits.ts";
import type { Inbound } from "../../wire/request.ts";

/** One connection in one dialect. Nothing here throws or rejects because of the peer. */
export interface Channel {
  /** As `Connection.incoming`: one item for each read, and nothing is read before it is asked for. */
  readonly incoming: AsyncIterable<Iterable<Inbound>>;
  readonly receivedBytes: number;
  /** When the last byte was received, and since when a write makes no progress; monotonic milliseconds. */
  readonly lastByteAt: number;
  readonly writingSince: number | undefined;
  /** Bytes that wait to be written, and the most that may. */
  readonly queuedBytes: number;
  readonly maxQueueBytes: number;
  /** Sends a reply or a ping, if the dialect has it; returns at once. */
  send(frame: ServerFrame): void;
  /** Sends events, if the dialect has them. As `Member.deliver`. */
  deliverBatch(batch: Batch): boolean;
  /** Drops the events of a room that wait to be written, if the dialect has any but the user's own. */
  dropEventsOf(room: string): void;
  /** Resolves when fewer bytes than this wait, or when the connection has ended. */
  whenQueueBelow(bytes: number): Promise<void>;
  /** Resolves when all was written that the dialect holds back for its pace. */
  whenPaced(): Promise<void> | undefined;
  /** The limits of a connection that is logged in hold from now on. */
  raiseLimits(limits: Limits): void;
  /** Ends the connection, after `last` if the dialect has it. Resolves when it has ended. */
  close(last?: ServerFrame): Promise<void>;
  /** Ends the connection at once. */
  abort(): void;
}

export interface ChannelOptions {
  /** Bytes that were read before the dialect was known. */
  readonly first: Uint8Array;
  readonly limits: Limits;
  readonly budget: QueueBudget;
  readonly clock: MonotonicClock;
  /** More waits to be written than may. */
  readonly onOverflow: () => void;
}

/** A language of clients. */
export interface Dialect {
  openChannel(stream: ByteStream, options: ChannelOptions): Channel;
  /** How a peer is logged in before its first request, in a dialect that has no login. */
  readonly login?: {
    /** How long such a peer may be silent, in milliseconds. */
    readonly idleMs: number;
    /** @throws {ChatError} when the peer is refused: sent as the reply to its first request */
    admit(naming: Naming): Promise<OpenPrincipal>;
  };
}

/** Version 1: frames as they are, batches as the lines that all connections share. */
class V1Channel extends Connection<Inbound, ServerFrame> implements Channel {
  readonly #codec: ServerCodec;

  constructor(stream: ByteStream, { limits, ...options }: ChannelOptions) {
    const codec = new ServerCodec(limits.frame_before_auth);
    super(stream, codec, { ...options, maxQueueBytes: limits.queue_before_auth });
    this.#codec = codec;
  }

  deliverBatch(batch: Batch): boolean {
    return this.deliver(batch.lines());
  }

  dropEventsOf(room: string): void {
    this.filterWaiting((line) => !isEventOf(line, room));
  }

  whenPaced(): undefined {
    return undefined;
  }

  raiseLimits(limits: Limits): void {
    this.#codec.maxFrameBytes = limits.frame;
    this.maxQueueBytes = limits.queue_bytes;
  }
}

/** Whether a line of this server is an event of the room's log: a reply has `re`, other events no `seq`. */
function isEventOf(line: string, room: string): boolean {
  const fields: unknown = JSON.parse(line);
  return isFields(fields) && fields.room === room && fields.seq !== undefined &&
    fields.re === undefined;
}

export const VERSION_1: Dialect = {
  openChannel: (stream, options) => new V1Channel(stream, options),
};
