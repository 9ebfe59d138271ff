// The requests of one connection, in any dialect: in order, one reply each, back-pressure and rates by not
// reading (protocol §2). The commands know what a request means.

import type { Batch } from "../../chat/event_batch.ts";
import type { OpenPrincipal, Principal } from "../../chat/people/principal.ts";
import { sleep } from "../../time.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import type { Inbound } from "../../wire/request.ts";
import type { CommandContext, CommandSession } from "../commands/command.ts";
import type { InternalErrors } from "../internal_errors.ts";
import type { ServerContext } from "../server_context.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { Channel, Dialect } from "./channel.ts";
import { byeFrame, type CloseReason, otherProtocol, TOO_SLOW } from "./close_reason.ts";
import { dispatch, type RequestState } from "./dispatch.ts";
import { Rates } from "./rates.ts";
import { ReplyQueue } from "./reply_queue.ts";
import type { Outlet } from "./subscription.ts";

/** What the loop uses of its session. */
interface LoopSession extends CommandSession {
  /** Stops when nothing more is to be read. */
  readonly ending: StopSignal;
  bye(reason: CloseReason): void;
  stopReading(): void;
}

interface RequestLoopOptions {
  readonly dialect: Dialect;
  /** Bytes that were read before the dialect was known. */
  readonly first: Uint8Array;
  readonly session: LoopSession;
  readonly server: ServerContext;
}

const NO_REQUESTS: AsyncIterable<Iterable<Inbound>> = {
  async *[Symbol.asyncIterator](): AsyncGenerator<Iterable<Inbound>> {},
};

export class RequestLoop implements Outlet, RequestState {
  readonly context: CommandContext;
  readonly replies: ReplyQueue;
  readonly rates: Rates;
  readonly #session: LoopSession;
  readonly #server: ServerContext;
  readonly #channel: Channel;
  readonly #login: Dialect["login"];
  #hasSentFrame: boolean;
  #isReading = true;
  #readingSince: number;

  constructor(stream: ByteStream, { dialect, first, session, server }: RequestLoopOptions) {
    const { hub, limits, counters, processTokens, clock, budget } = server;
    const { accounts, passwords, invites, joinString } = server;
    this.#session = session;
    this.#server = server;
    this.context = {
      hub,
      limits,
      counters,
      processTokens,
      accounts,
      passwords,
      invites,
      joinString,
      session,
    };
    this.rates = new Rates(limits);
    this.#readingSince = clock.monotonic();
    this.#login = dialect.login;
    // A dialect without a login is recognised by its first request, whole.
    this.#hasSentFrame = dialect.login !== undefined;
    const onOverflow = () => session.bye(TOO_SLOW);
    this.#channel = dialect.openChannel(stream, { first, limits, budget, clock, onOverflow });
    this.replies = new ReplyQueue(this.#channel);
  }

  get ending(): StopSignal {
    return this.#session.ending;
  }

  get faults(): InternalErrors {
    return this.#server.faults;
  }

  /** Whether a first request was received whole, even an invalid one. */
  get hasSentFrame(): boolean {
    return this.#hasSentFrame;
  }

  /** Whether a request waits for its reply. */
  get isAnswering(): boolean {
    return this.replies.unanswered > 0;
  }

  /** When the last byte was received, and since when a write makes no progress; monotonic milliseconds. */
  get lastByteAt(): number {
    return this.#channel.lastByteAt;
  }

  get writingSince(): number | undefined {
    return this.#channel.writingSince;
  }

  get queuedBytes(): number {
    return this.#channel.queuedBytes;
  }

  /** Until when the server did not read: silence before that is not the peer's. Now, while it does not. */
  get readingSince(): number {
    return this.#isReading ? this.#readingSince : this.monotonic();
  }

  deliver(batch: Batch): boolean {
    return this.#channel.deliverBatch(batch);
  }

  dropEventsOf(room: string): void {
    this.#channel.dropEventsOf(room);
  }

  whenQueueBelow(bytes: number): Promise<void> {
    return this.#channel.whenQueueBelow(bytes);
  }

  async paceHistory(pages: number): Promise<void> {
    const wait = this.rates.replay(pages, this.monotonic());
    if (wait > 0) await sleep(wait, this.ending);
    await this.#server.turns.nextTurn();
  }

  /**
   * Answers requests until the peer has ended its side or the session is ending. Every request is
   * answered when this resolves. Rejects for no fault of the peer's.
   */
  async run(): Promise<void> {
    const { ending } = this;
    let counted = 0;
    // The loop is not a function of its own: every idle connection would hold its frame, too.
    const isAdmitted = this.#login === undefined || await this.#logIn(this.#login);
    for await (const requests of isAdmitted ? this.#channel.incoming : NO_REQUESTS) {
      for (const inbound of requests) {
        this.#hasSentFrame = true;
        for (let wait = this.#obstacle(); wait !== undefined; wait = this.#obstacle()) await wait;
        if (ending.isStopped) break;
        // A body follows: nothing of it may be taken for a frame.
        if ("isHttp" in inbound && inbound.isHttp && !this.#session.isGreeted) {
          this.#session.bye(otherProtocol("HTTP"));
          break;
        }
        const order = dispatch(inbound, this);
        if (order !== undefined) await order;
      }
      const received = this.#channel.receivedBytes;
      await this.#holdBack(received - counted);
      counted = received;
      await this.#server.turns.yieldIfBusy();
      if (ending.isStopped) break;
    }
    await this.whenAnswered();
    await this.#channel.whenPaced();
  }

  /** Resolves when no request waits for its reply. */
  async whenAnswered(): Promise<void> {
    await this.replies.whenBelow(1);
  }

  /** The session is logged in: larger limits hold. */
  noteLoggedIn({ isBot }: Principal): void {
    if (isBot) this.rates.noteBot();
    this.#channel.raiseLimits(this.#server.limits);
  }

  /** Asks for a sign of life, if the dialect has one. */
  ping(): void {
    this.#channel.send({ type: "ping" });
  }

  /** Ends the connection, with the reason if the dialect has a frame for it. Resolves when it has ended. */
  close(reason?: CloseReason): Promise<void> {
    return this.#channel.close(reason === undefined ? undefined : byeFrame(reason));
  }

  abort(): void {
    this.#channel.abort();
  }

  monotonic(): number {
    return this.#server.clock.monotonic();
  }

  /** The peer was refused something; `isFatal`: no further frame can be read from it. */
  noteRefused({ isFatal }: { isFatal: boolean }): void {
    if (isFatal) this.#session.stopReading();
    const { limits } = this.#server;
    if (!this.rates.refused(this.monotonic())) return;
    const message = `At most ${limits.refusals_per_min} refusals a minute`;
    this.#session.bye({ code: "flood", message, reconnect: false });
  }

  /** Resolves with `wait`. Until then nothing is read, and the peer's silence does not count. */
  async withoutReading(wait: Promise<void>): Promise<void> {
    this.#isReading = false;
    await wait;
    this.#isReading = true;
    this.#readingSince = this.monotonic();
  }

  /** Logs the peer in where its dialect has no login. @returns whether its requests are answered */
  async #logIn(login: NonNullable<Dialect["login"]>): Promise<boolean> {
    const slot = this.replies.open();
    let principal: OpenPrincipal | undefined;
    try {
      principal = await login.admit(this.#server.hub.naming);
      this.#session.logIn(principal);
      this.#session.greet({ idleMs: login.idleMs });
      slot.fill(undefined);
      return true;
    } catch (error) {
      principal?.close();
      slot.fill(this.faults.toFrame("login", error));
      return false;
    }
  }

  /** What the next request waits for: too many are unanswered, or too much of the replies is unread. */
  #obstacle(): Promise<void> | undefined {
    const { limits } = this.#server;
    const full = this.replies.whenBelow(limits.pipeline);
    if (full !== undefined) return this.withoutReading(full);
    // Half a queue, where the queue is small: one more reply must always fit in.
    const most = Math.min(limits.unread_bytes, this.#channel.maxQueueBytes / 2);
    if (this.#channel.queuedBytes < most) return undefined;
    return this.withoutReading(this.#channel.whenQueueBelow(most));
  }

  /** Reads nothing while the peer is over its bytes. */
  async #holdBack(receivedBytes: number): Promise<void> {
    const delay = this.rates.readBytes(receivedBytes, this.monotonic());
    if (delay > 0) await this.withoutReading(sleep(delay, this.ending));
  }
}
