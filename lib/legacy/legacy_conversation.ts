// The legacy dialect on one connection (protocol §9): an old program asks and says, and is answered at
// the pace and in the sizes it can read. To everybody else it is a guest like others.

import { type Deadline, sleep, startDeadline } from "../time.ts";
import type { Batch } from "../chat/batch.ts";
import type { Principal } from "../chat/principal.ts";
import { LOBBY } from "../chat/names.ts";
import type { OpenPrincipal } from "../chat/principal.ts";
import type { ByteStream } from "../wire/byte_stream.ts";
import { Connection } from "../wire/connection.ts";
import { ChatError } from "../wire/errors.ts";
import type { Appended } from "../store/repository.ts";
import type { Conversation, ConversingSession } from "../server/connection/conversation.ts";
import { type CloseReason, TOO_SLOW } from "../server/connection/close_reason.ts";
import { type Faults, storeRefusal } from "../server/faults.ts";
import { Rates } from "../server/connection/rates.ts";
import { ReadPause } from "../server/connection/read_pause.ts";
import {
  BAD_JSON,
  LegacyCodec,
  type LegacyInbound,
  type LegacyReply,
  splitReply,
} from "./legacy_frames.ts";
import type { LegacyRequest } from "./legacy_frames.ts";
import type { ServerContext } from "../server/server_context.ts";

/** The old client takes each read for one object, so that two must not meet in one read. */
const PACE_MS = 200;
/** An object that is still open so long after its last byte is given up. */
const OPEN_MS = 2_000;
/** The dialect has no sign of life; TCP's own finds the dead. */
const IDLE_MS = 24 * 3_600_000;

export class LegacyConversation implements Conversation {
  readonly #session: ConversingSession;
  readonly #server: ServerContext;
  readonly #codec: LegacyCodec;
  readonly #wire: Connection<LegacyInbound, LegacyReply>;
  readonly #rates: Rates;
  readonly #replies: LegacyReply[] = [];
  #repliesBytes = 0;
  #paceTimer: ReturnType<typeof setTimeout> | undefined;
  #openTimer: Deadline | undefined;
  readonly #reading: ReadPause;
  /** Settles when all that was asked so far is answered or stored. */
  #answered: Promise<void> = Promise.resolve();

  /** @param options.first bytes that were read before the dialect was clear */
  constructor(
    stream: ByteStream,
    options: { first: Uint8Array; session: ConversingSession; server: ServerContext },
  ) {
    const { session, server, first } = options;
    const { limits, monotonic, clock, budget } = server;
    this.#session = session;
    this.#server = server;
    this.#reading = new ReadPause(clock);
    this.#rates = new Rates(limits);
    this.#codec = new LegacyCodec(limits);
    this.#wire = new Connection(stream, this.#codec, {
      first,
      budget,
      maxQueueBytes: limits.queue_bytes,
      monotonic,
      onOverflow: () => session.bye(TOO_SLOW),
    });
  }

  /** Only a whole object shows that this is the dialect. */
  get hasHeard(): boolean {
    return true;
  }

  /** Its first object is the request to be let in. */
  get isAnswering(): boolean {
    return true;
  }

  get lastByteAt(): number {
    return this.#wire.lastByteAt;
  }

  get writingSince(): number | undefined {
    return this.#wire.writingSince;
  }

  get queuedBytes(): number {
    return this.#wire.queuedBytes + this.#repliesBytes;
  }

  get readingSince(): number {
    return this.#reading.since;
  }

  /** An old program gets the answers, and no other event. */
  deliver({ events }: Batch): boolean {
    for (const event of events) {
      if (event.type === "response") this.#reply({ type: "response", content: event.content });
    }
    return false;
  }

  whenQueueBelow(bytes: number): Promise<void> {
    return this.#wire.whenQueueBelow(bytes);
  }

  /** The dialect has no replay. */
  paceHistory(): Promise<void> {
    return Promise.resolve();
  }

  async converse(): Promise<void> {
    if (!await this.#logIn()) return;
    const { ending } = this.#session;
    let counted = 0;
    for await (const objects of this.#wire.incoming) {
      this.#openTimer?.clear();
      for (const inbound of objects) {
        if (ending.isStopped) break;
        this.#answered = this.#take(inbound);
        await this.#answered;
      }
      if (this.#codec.isOpen) {
        this.#openTimer = startDeadline(() => this.#giveUpOpen(), { ms: OPEN_MS });
      }
      const { receivedBytes } = this.#wire;
      const delay = this.#rates.readBytes(receivedBytes - counted, this.#server.clock.monotonic());
      counted = receivedBytes;
      if (delay > 0) await this.#reading.during(sleep(delay, ending));
      await this.#server.turns.yieldIfBusy();
      if (ending.isStopped) break;
    }
    this.#openTimer?.clear();
    await this.#whenTold();
  }

  whenAnswered(): Promise<void> {
    return this.#answered;
  }

  noteLoggedIn(): void {
    this.#session.greet({ idleMs: IDLE_MS });
  }

  /** The dialect has none. */
  ping(): void {}

  /** The dialect has no last word. */
  close(_goodbye?: CloseReason): Promise<void> {
    this.#stopTimers();
    return this.#wire.close();
  }

  abort(): void {
    this.#stopTimers();
    this.#wire.abort();
  }

  /** An old program has no name: it is a guest by number, who cannot come back. */
  async #logIn(): Promise<boolean> {
    const { hub, faults } = this.#server;
    let principal: OpenPrincipal | undefined;
    try {
      principal = await hub.naming.admitNumbered();
      this.#session.logIn(principal);
      return true;
    } catch (error) {
      principal?.close();
      this.#refuse(error, faults);
      return false;
    }
  }

  /** Answers one object; what is stored is not answered, as the old server did not either. */
  async #take(inbound: LegacyInbound): Promise<void> {
    try {
      if ("error" in inbound) throw inbound.error;
      this.#answerAppended(await this.#store(inbound));
    } catch (error) {
      this.#refuse(error, this.#server.faults);
      if (this.#rates.refused(this.#server.clock.monotonic())) this.#session.stopReading();
    }
  }

  async #store({ type, content }: LegacyRequest): Promise<Appended> {
    const { hub, clock } = this.#server;
    const { principal } = this.#session;
    if (principal === undefined) throw new ChatError("bad_state", "This connection is ending");
    if (type === "inquiry") {
      this.#rates.request("inquiries", clock.monotonic());
      return await this.#ask(principal, content);
    }
    const wait = this.#rates.delay("messages", clock.monotonic());
    if (wait > 0) await this.#reading.during(sleep(wait, this.#session.ending));
    using lease = await hub.rooms.open(LOBBY, { principal, action: "send" });
    return await lease.room.post(principal, { kind: "message", content });
  }

  /** All that an old program asks goes to one inquiry, until that is closed. */
  async #ask(asker: Principal, content: string): Promise<Appended> {
    const { desk } = this.#server.hub;
    let inquiry = await desk.findOpen(asker);
    if (inquiry === undefined) {
      await desk.checkMayOpen(asker);
      this.#session.admission.countInquiry();
      inquiry = await desk.open(asker);
    }
    using open = await desk.enter(inquiry);
    this.#session.subscribe(open.room);
    return (await desk.ask(asker, open, { content })).appended;
  }

  #refuse(error: unknown, faults: Faults): void {
    const { code, message } = faults.toFrame("legacy", error);
    this.#reply({ type: "error", code, content: message });
  }

  #answerAppended(appended: Appended): void {
    if (!("refused" in appended)) return;
    const { refused } = appended;
    const content = refused === "unavailable" || refused === "storage_full"
      ? storeRefusal(refused).message
      : "This was not stored";
    this.#reply({ type: "error", code: refused, content });
  }

  #giveUpOpen(): void {
    this.#codec.drop();
    this.#reply({ type: "error", code: BAD_JSON.code, content: BAD_JSON.message });
  }

  #reply(reply: LegacyReply): void {
    for (const part of splitReply(reply)) {
      this.#replies.push(part);
      this.#repliesBytes += part.content.length;
    }
    if (this.#repliesBytes > this.#server.limits.queue_bytes) return this.#session.bye(TOO_SLOW);
    if (this.#paceTimer === undefined) this.#tellNext();
  }

  #tellNext(): void {
    const reply = this.#replies.shift();
    if (reply === undefined) {
      this.#paceTimer = undefined;
      return;
    }
    this.#repliesBytes -= reply.content.length;
    this.#wire.send(reply);
    this.#paceTimer = setTimeout(() => this.#tellNext(), PACE_MS);
  }

  /** Who has ended its side is still told what it asked for. */
  async #whenTold(): Promise<void> {
    while (this.#replies.length > 0 && !this.#session.ending.isStopped) {
      await sleep(PACE_MS, this.#session.ending);
    }
  }

  #stopTimers(): void {
    clearTimeout(this.#paceTimer);
    this.#openTimer?.clear();
    this.#replies.length = 0;
    this.#repliesBytes = 0;
  }
}
