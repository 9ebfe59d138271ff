// One connection's life: dialect, hello, requests in order, goodbye. Knows the wire and the gate to
// the commands; what a request means is the commands' business.

import type { Identity } from "../chat/authorize.ts";
import type { Room } from "../chat/room.ts";
import type { UserRecord } from "../store/repository.ts";
import type { ByteStream } from "../wire/byte_stream.ts";
import { ChatError } from "../wire/errors.ts";
import { type Inbound, ServerCodec } from "../wire/codec.ts";
import { Connection } from "../wire/connection.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { CommandSession } from "./commands/command.ts";
import { readDialect } from "./dialect.ts";
import { dispatch, type Gate } from "./dispatch.ts";
import { byeFrame, type Goodbye } from "./goodbye.ts";
import { Hearing } from "./hearing.ts";
import { pause } from "./pause.ts";
import { Rates } from "./rate.ts";
import { ReplyQueue } from "./replies.ts";
import { SEED_FORBIDDEN } from "./seed.ts";
import type { ServerContext } from "./server_context.ts";

/** Failed logins after which the connection is closed. */
const MOST_AUTH_FAILURES = 3;
const NOTHING = new Uint8Array(0);

/** Who is at the other end of the wire. */
export interface Peer {
  readonly address: string;
  readonly isLoopback: boolean;
  /** To be called once it has logged in. */
  authenticated(): void;
}

type Wire = Connection<Inbound, ServerFrame>;

export class Session implements CommandSession {
  readonly #server: ServerContext;
  readonly #stream: ByteStream;
  readonly #peer: Peer;
  readonly #codec: ServerCodec;
  readonly #rates: Rates;
  readonly #ending = new AbortController();
  /** When the connection was accepted, monotonic milliseconds like all times here. */
  readonly openedAt: number;
  #wire: Wire | undefined;
  #identity: Identity | undefined;
  #presence: { release(): void } | undefined;
  #hearing: Hearing | undefined;
  #replies: ReplyQueue | undefined;
  #firstByteAt: number | undefined;
  #hasSpoken = false;
  #isGreeted = false;
  #idleMs: number;
  #authFailures = 0;
  #isReading = true;
  #readingSince: number;
  #pingedFor = -1;
  #isLeaving = false;
  #onReplied: (() => void)[] = [];

  constructor(stream: ByteStream, options: { peer: Peer; server: ServerContext }) {
    this.#stream = stream;
    this.#peer = options.peer;
    this.#server = options.server;
    const { limits, clock } = options.server;
    this.openedAt = clock.monotonic();
    this.#readingSince = this.openedAt;
    this.#codec = new ServerCodec(limits.frame_before_auth);
    this.#rates = new Rates(limits, this.openedAt);
    this.#idleMs = limits.idle_ms;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  get address(): string {
    return this.#peer.address;
  }

  get isLoopback(): boolean {
    return this.#peer.isLoopback;
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** When the first byte came; undefined while the peer is silent. */
  get firstByteAt(): number | undefined {
    return this.#firstByteAt;
  }

  /** Whether a first frame was whole. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** When the peer last gave a sign of life, or was last not listened to. */
  get lastLifeAt(): number {
    if (!this.#isReading) return this.#server.clock.monotonic();
    return Math.max(this.#wire?.lastByteAt ?? this.openedAt, this.#readingSince);
  }

  /** Since when a write makes no progress. */
  get writingSince(): number | undefined {
    return this.#wire?.writingSince;
  }

  get queuedBytes(): number {
    return this.#wire?.queuedBytes ?? 0;
  }

  /** Lives until the peer or the server ends it. Never rejects. */
  async run(): Promise<void> {
    try {
      const first = await this.#greetDialect();
      if (first !== undefined) await this.#converse(this.#open(first));
    } catch (error) {
      // A reset peer, or our own abort: the connection's end, and no fault.
      if (!isConnectionEnd(error)) this.#server.faults.note("session", error);
    } finally {
      this.#forget();
      if (this.#wire === undefined) closeQuietly(this.#stream);
      else await this.#wire.close();
    }
  }

  /** Ends the session with a last word. */
  bye(goodbye: Goodbye): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#server.log.debug("bye", { code: goodbye.code, address: this.address });
    this.#forget();
    const wire = this.#wire ?? this.#open(NOTHING);
    void wire.close(byeFrame(goodbye));
  }

  /** Ends the session without a word. */
  abort(): void {
    this.#isLeaving = true;
    this.#forget();
    if (this.#wire === undefined) closeQuietly(this.#stream);
    else this.#wire.abort();
  }

  /** Answers what was accepted, then says goodbye. Resolves when the connection is over. */
  async drain(goodbye: Goodbye): Promise<void> {
    this.#ending.abort();
    await this.#replies?.whenBelow(1);
    this.bye(goodbye);
    await this.#wire?.ended;
  }

  /** Pings, unless it has since the sign of life that was heard at `lastLifeAt`. */
  pingOnce(lastLifeAt: number): void {
    if (this.#pingedFor === lastLifeAt) return;
    this.#pingedFor = lastLifeAt;
    this.#wire?.send({ type: "ping" });
  }

  greet({ idleMs }: { idleMs: number }): void {
    this.#isGreeted = true;
    this.#idleMs = idleMs;
  }

  logIn(user: UserRecord, presence: { readonly name: string; release(): void }): Identity {
    const { limits, sessions, faults } = this.#server;
    const wire = this.#wire;
    if (wire === undefined || this.#ending.signal.aborted) {
      throw new ChatError("bad_state", "This connection is ending");
    }
    this.#identity = { user: user.id, name: presence.name, role: user.role };
    this.#presence = presence;
    this.#hearing = new Hearing(this.#identity, {
      outlet: wire,
      faults,
      ending: this.#ending.signal,
    });
    this.#codec.maxFrameBytes = limits.frame;
    wire.maxQueueBytes = limits.queue_bytes;
    sessions.noteAuthenticated(this, user.id);
    this.#peer.authenticated();
    return this.#identity;
  }

  noteAuthFailure(): void {
    this.#server.addresses.noteAuthFailure(this.address);
    if (++this.#authFailures < MOST_AUTH_FAILURES) return;
    const message = `At most ${MOST_AUTH_FAILURES} failed logins on one connection`;
    this.#onReplied.push(() => this.bye({ code: "flood", message, reconnect: false }));
  }

  hear(room: Room): number {
    return this.#hearingOrThrow().hear(room);
  }

  replay(room: Room, seq: number): void {
    this.#onReplied.push(this.#hearingOrThrow().prepareReplay(room, seq));
  }

  stopHearing(room: Room): boolean {
    return this.#hearing?.stop(room) ?? false;
  }

  #hearingOrThrow(): Hearing {
    if (this.#hearing === undefined) throw new Error("Nobody who is not logged in hears a room");
    return this.#hearing;
  }

  /** Gives back all that is held in the name of this session; what is on its way is still answered. */
  #forget(): void {
    this.#ending.abort();
    this.#hearing?.stopAll();
    this.#presence?.release();
    this.#server.sessions.remove(this);
  }

  /** The first bytes of version 1; undefined when the peer speaks something else, or nothing. */
  async #greetDialect(): Promise<Uint8Array | undefined> {
    const dialect = await readDialect(this.#stream, {
      maxBytes: this.#server.limits.frame_before_auth,
      onBytes: () => this.#firstByteAt ??= this.#server.clock.monotonic(),
    });
    if (this.#isLeaving || dialect.kind === "gone") return undefined;
    this.#hasSpoken = true;
    if (dialect.kind === "v1") return dialect.first;
    if (dialect.kind === "seed") {
      this.#open(NOTHING).deliver(SEED_FORBIDDEN);
    } else {
      const message =
        `This port is a Parley chat server: it speaks JSON lines, not ${dialect.what}`;
      this.bye({ code: "protocol", message, reconnect: false });
    }
    return undefined;
  }

  #open(first: Uint8Array): Wire {
    const { clock, limits, budget } = this.#server;
    const wire: Wire = new Connection(this.#stream, this.#codec, {
      first,
      budget,
      maxQueueBytes: limits.queue_before_auth,
      monotonic: () => clock.monotonic(),
      onOverflow: () => this.bye(TOO_SLOW),
    });
    this.#wire = wire;
    return wire;
  }

  async #converse(wire: Wire): Promise<void> {
    const { limits, clock } = this.#server;
    const replies = new ReplyQueue((frame) => wire.send(frame));
    this.#replies = replies;
    const gate = this.#gate(replies);
    let counted = 0;
    for await (const frames of wire.incoming) {
      for (const inbound of frames) {
        const full = replies.whenBelow(limits.pipeline);
        if (full !== undefined) await gate.withoutReading(full);
        if (this.#ending.signal.aborted) break;
        const order = dispatch(inbound, gate);
        if (order !== undefined) await order;
      }
      const delay = this.#rates.readBytes(wire.receivedBytes - counted, clock.monotonic());
      counted = wire.receivedBytes;
      if (delay > 0) await gate.withoutReading(pause(delay, this.#ending.signal));
      if (wire.queuedBytes >= limits.unread_bytes) {
        await gate.withoutReading(wire.whenQueueBelow(limits.unread_bytes));
      }
      if (this.#ending.signal.aborted) break;
    }
    // The peer has ended its side, or is being shown out: what it asked before is still answered.
    await replies.whenBelow(1);
  }

  #gate(replies: ReplyQueue): Gate {
    const { hub, limits, sessions, faults, clock, counters, addresses } = this.#server;
    return {
      replies,
      faults,
      rates: this.#rates,
      monotonic: () => clock.monotonic(),
      ending: this.#ending.signal,
      context: {
        hub,
        limits,
        sessions,
        counters,
        session: this,
        checkAuthRate: (session) => addresses.checkAuthRate(session.address),
      },
      replied: () => {
        for (const work of this.#onReplied.splice(0)) work();
      },
      refused: (refusal) => this.#refused(refusal),
      withoutReading: (wait) => this.#withoutReading(wait),
    };
  }

  #refused({ isFatal }: { isFatal: boolean }): void {
    if (isFatal) this.#ending.abort();
    const { limits, clock } = this.#server;
    if (!this.#rates.refused(clock.monotonic())) return;
    const message = `At most ${limits.refusals_per_min} refusals a minute`;
    this.bye({ code: "flood", message, reconnect: false });
  }

  async #withoutReading(wait: Promise<void>): Promise<void> {
    this.#isReading = false;
    await wait;
    this.#isReading = true;
    this.#readingSince = this.#server.clock.monotonic();
  }
}

const TOO_SLOW: Goodbye = {
  code: "slow",
  message: "Too much waited to be read by you",
  reconnect: true,
  afterMs: 0,
};

/** Whether this is how a connection ends: reset, closed, broken; by the peer or by ourselves. */
function isConnectionEnd(error: unknown): boolean {
  const { errors } = Deno;
  return [
    errors.ConnectionReset,
    errors.ConnectionAborted,
    errors.BrokenPipe,
    errors.BadResource,
    errors.Interrupted,
    errors.NotConnected,
    errors.TimedOut,
    errors.UnexpectedEof,
  ].some((kind) => error instanceof kind);
}

function closeQuietly(stream: ByteStream): void {
  try {
    stream.close();
  } catch {
    // Closed before, by the peer's end or our own.
  }
}
