// Version 1 on one connection: requests in order, one reply each, back-pressure and rates by not
// reading (protocol §2). What a request means is the commands' business.

import type { ByteStream } from "../../wire/byte_stream.ts";
import { ServerCodec } from "../../wire/codec.ts";
import type { Inbound } from "../../wire/request.ts";
import { Connection } from "../../wire/connection.ts";
import type { Batch } from "../../chat/batch.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { CommandContext } from "../commands/command.ts";
import type { Conversation, ConversingSession } from "./conversation.ts";
import { dispatch, type Gate } from "./dispatch.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { Faults } from "../faults.ts";
import { byeFrame, type CloseReason, noChat, TOO_SLOW } from "./close_reason.ts";
import { sleep } from "../../time.ts";
import { Rates } from "./rates.ts";
import { ReadPause } from "./read_pause.ts";
import { ReplyQueue } from "./reply_queue.ts";
import type { ServerContext } from "../server_context.ts";

/** The conversation is its own gate: there is one for every connection, and closures weigh. */
export class V1Conversation implements Conversation, Gate {
  readonly context: CommandContext;
  readonly replies: ReplyQueue;
  readonly rates: Rates;
  readonly #session: ConversingSession;
  readonly #server: ServerContext;
  readonly #codec: ServerCodec;
  readonly #wire: Connection<Inbound, ServerFrame>;
  readonly #reading: ReadPause;
  #hasHeard = false;

  /** @param options.first bytes that were read before the dialect was clear */
  constructor(
    stream: ByteStream,
    options: { first: Uint8Array; session: ConversingSession; server: ServerContext },
  ) {
    const { session, server, first } = options;
    const { hub, limits, counters, processTokens, monotonic, budget } = server;
    this.#session = session;
    this.#server = server;
    this.context = { hub, limits, counters, processTokens, session };
    this.rates = new Rates(limits);
    this.#reading = new ReadPause(server.clock);
    this.#codec = new ServerCodec(limits.frame_before_auth);
    this.#wire = new Connection(stream, this.#codec, {
      first,
      budget,
      maxQueueBytes: limits.queue_before_auth,
      monotonic,
      onOverflow: () => session.bye(TOO_SLOW),
    });
    this.replies = new ReplyQueue(this.#wire);
  }

  get ending(): StopSignal {
    return this.#session.ending;
  }

  get faults(): Faults {
    return this.#server.faults;
  }

  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  get isAnswering(): boolean {
    return this.replies.unanswered > 0;
  }

  get lastByteAt(): number {
    return this.#wire.lastByteAt;
  }

  get writingSince(): number | undefined {
    return this.#wire.writingSince;
  }

  get queuedBytes(): number {
    return this.#wire.queuedBytes;
  }

  get readingSince(): number {
    return this.#reading.since;
  }

  deliver(batch: Batch): boolean {
    return this.#wire.deliver(batch.lines());
  }

  whenQueueBelow(bytes: number): Promise<void> {
    return this.#wire.whenQueueBelow(bytes);
  }

  async paceHistory(pages: number): Promise<void> {
    const wait = this.rates.replay(pages, this.monotonic());
    if (wait > 0) await sleep(wait, this.ending);
    await this.#server.turns.nextTurn();
  }

  async converse(): Promise<void> {
    const { ending } = this;
    let counted = 0;
    for await (const frames of this.#wire.incoming) {
      for (const inbound of frames) {
        this.#hasHeard = true;
        for (let wait = this.#obstacle(); wait !== undefined; wait = this.#obstacle()) await wait;
        if (ending.isStopped) break;
        // A body follows: nothing of it may be taken for a frame.
        if ("isHttp" in inbound && inbound.isHttp && !this.#session.isGreeted) {
          this.#session.bye(noChat("HTTP"));
          break;
        }
        const order = dispatch(inbound, this);
        if (order !== undefined) await order;
      }
      const received = this.#wire.receivedBytes;
      await this.#holdBack(received - counted);
      counted = received;
      await this.#server.turns.yieldIfBusy();
      if (ending.isStopped) break;
    }
    await this.whenAnswered();
  }

  async whenAnswered(): Promise<void> {
    await this.replies.whenBelow(1);
  }

  noteLoggedIn(): void {
    const { limits } = this.#server;
    this.#codec.maxFrameBytes = limits.frame;
    this.#wire.maxQueueBytes = limits.queue_bytes;
  }

  ping(): void {
    this.#wire.send({ type: "ping" });
  }

  close(goodbye?: CloseReason): Promise<void> {
    return this.#wire.close(goodbye === undefined ? undefined : byeFrame(goodbye));
  }

  abort(): void {
    this.#wire.abort();
  }

  monotonic(): number {
    return this.#server.monotonic();
  }

  refused({ isFatal }: { isFatal: boolean }): void {
    if (isFatal) this.#session.stopReading();
    const { limits } = this.#server;
    if (!this.rates.refused(this.monotonic())) return;
    const message = `At most ${limits.refusals_per_min} refusals a minute`;
    this.#session.bye({ code: "flood", message, reconnect: false });
  }

  withoutReading(wait: Promise<void>): Promise<void> {
    return this.#reading.during(wait);
  }

  /** What the next request waits for: too much is unanswered, or too many answers are unread. */
  #obstacle(): Promise<void> | undefined {
    const { limits } = this.#server;
    const full = this.replies.whenBelow(limits.pipeline);
    if (full !== undefined) return this.#reading.during(full);
    // Half a queue, where the queue is small: one reply more must always fit in.
    const most = Math.min(limits.unread_bytes, this.#wire.maxQueueBytes / 2);
    if (this.#wire.queuedBytes < most) return undefined;
    return this.#reading.during(this.#wire.whenQueueBelow(most));
  }

  /** Reads nothing while the peer is over its bytes. */
  async #holdBack(receivedBytes: number): Promise<void> {
    const delay = this.rates.readBytes(receivedBytes, this.monotonic());
    if (delay > 0) await this.#reading.during(sleep(delay, this.ending));
  }
}
