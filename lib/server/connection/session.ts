// One connection's life: which dialect its peer speaks, who it is, which rooms it hears, and how it
// ends. How the dialect is spoken is the conversation's business.

import type { Batch } from "../../chat/batch.ts";
import { DeskWatcher, mayWatchDesk } from "../../chat/desk_watcher.ts";
import type { OpenPrincipal, Principal } from "../../chat/principal.ts";
import type { Room } from "../../chat/room.ts";
import type { RoomId } from "../../store/repository.ts";
import type { ByteStream } from "../../wire/byte_stream.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Admission } from "../addresses.ts";
import type { Conversation, ConversingSession } from "./conversation.ts";
import { type Dialect, readDialect } from "./dialect.ts";
import { type CloseReason, noChat } from "./close_reason.ts";
import { StopSignal } from "../stop_signal.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { ServerContext } from "../server_context.ts";
import type { RegisteredSession } from "../sessions.ts";
import { LegacyConversation } from "../../legacy/legacy_conversation.ts";
import { LEGACY_REFUSAL } from "../../legacy/legacy_frames.ts";
import { V1Conversation } from "./v1_conversation.ts";

/** Failed logins after which the connection is closed. */
const MOST_AUTH_FAILURES = 3;
const NOTHING = new Uint8Array(0);

/** The peer of a connection. */
export interface Peer {
  readonly address: string;
  readonly admission: Admission;
}

/** All times are monotonic milliseconds. */
export class Session implements ConversingSession, RegisteredSession {
  readonly ending = new StopSignal();
  readonly #server: ServerContext;
  readonly #stream: ByteStream;
  readonly #peer: Peer;
  /** When the connection was accepted. */
  readonly openedAt: number;
  #conversation: Conversation | undefined;
  #principal: OpenPrincipal | undefined;
  #subscriptions: Subscriptions | undefined;
  #firstByteAt: number | undefined;
  #isGreeted = false;
  #idleMs: number;
  #authFailures = 0;
  #pingedFor = -1;
  #isLeaving = false;

  constructor(stream: ByteStream, options: { peer: Peer; server: ServerContext }) {
    this.#stream = stream;
    this.#peer = options.peer;
    this.#server = options.server;
    const { limits, clock } = options.server;
    this.openedAt = clock.monotonic();
    this.#idleMs = limits.idle_ms;
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get address(): string {
    return this.#peer.address;
  }

  get admission(): Admission {
    return this.#peer.admission;
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** Whether a request waits for its reply. */
  get isBeingAnswered(): boolean {
    return this.#conversation?.isAnswering ?? false;
  }

  /** When the first byte came; undefined while the peer is silent. */
  get firstByteAt(): number | undefined {
    return this.#firstByteAt;
  }

  /** Whether a first frame was whole. */
  get hasSentFrame(): boolean {
    return this.#conversation?.hasHeard ?? false;
  }

  /** When the peer last gave a sign of life, or was last not listened to. */
  get lastLifeAt(): number {
    const conversation = this.#conversation;
    if (conversation === undefined) return this.openedAt;
    return Math.max(conversation.lastByteAt, conversation.readingSince);
  }

  /** Since when a write makes no progress. */
  get writingSince(): number | undefined {
    return this.#conversation?.writingSince;
  }

  get queuedBytes(): number {
    return this.#conversation?.queuedBytes ?? 0;
  }

  /** Lives until the peer or the server ends it. Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#listen();
    } catch (error) {
      // A reset peer, or our own abort: the connection's end, and no fault.
      if (!isConnectionEnd(error)) this.#server.faults.note("session", error);
    } finally {
      this.#forget();
      if (this.#conversation === undefined) closeQuietly(this.#stream);
      else await this.#conversation.close();
    }
  }

  /** Ends the session with a last word. */
  bye(goodbye: CloseReason): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#server.log.debug("bye", { code: goodbye.code, address: this.address });
    this.#forget();
    // Who has said nothing yet is spoken to in version 1.
    const conversation = this.#conversation ?? this.#converseInV1(NOTHING);
    void conversation.close(goodbye);
  }

  /** Ends the session without a word. */
  abort(): void {
    this.#isLeaving = true;
    this.#forget();
    if (this.#conversation === undefined) closeQuietly(this.#stream);
    else this.#conversation.abort();
  }

  /** Answers what was accepted, then says goodbye. Resolves when the connection is over. */
  async drain(goodbye: CloseReason): Promise<void> {
    this.stopReading();
    await this.#conversation?.whenAnswered();
    this.bye(goodbye);
    await this.#conversation?.close();
  }

  stopReading(): void {
    this.ending.stop();
  }

  /** Pings, unless it has since the sign of life that was heard at `lastLifeAt`. */
  pingOnce(lastLifeAt: number): void {
    if (this.#pingedFor === lastLifeAt) return;
    this.#pingedFor = lastLifeAt;
    this.#conversation?.ping();
  }

  greet({ idleMs }: { idleMs: number }): void {
    this.#isGreeted = true;
    this.#server.sessions.noteProgress(this);
    this.#idleMs = idleMs;
  }

  logIn(principal: OpenPrincipal): void {
    const { sessions, faults } = this.#server;
    const conversation = this.#conversation;
    if (conversation === undefined || this.ending.isStopped) {
      throw new ChatError("bad_state", "This connection is ending");
    }
    this.#principal = principal;
    this.#subscriptions = new Subscriptions(principal, {
      outlet: conversation,
      faults,
      ending: this.ending,
    });
    conversation.noteLoggedIn();
    if (mayWatchDesk(principal)) this.#watchDesk(principal, conversation);
    sessions.noteAuthenticated(this, principal.user);
    this.#peer.admission.noteAuthenticated();
  }

  noteAuthFailure(): (() => void) | undefined {
    this.admission.noteAuthFailure();
    if (++this.#authFailures < MOST_AUTH_FAILURES) return undefined;
    const message = `At most ${MOST_AUTH_FAILURES} failed logins on one connection`;
    return () => this.bye({ code: "flood", message, reconnect: false });
  }

  mayHear(room: Room): boolean {
    const { rooms_joined } = this.#server.limits;
    return this.#subscriptionsOrThrow().hasRoomFor(room, { most: rooms_joined });
  }

  subscribe(room: Room): number {
    return this.#subscriptionsOrThrow().subscribe(room);
  }

  prepareReplay(room: Room, seq: number): () => void {
    return this.#subscriptionsOrThrow().prepareReplay(room, seq);
  }

  unsubscribe(room: Room): boolean {
    return this.#subscriptions?.unsubscribe(room) ?? false;
  }

  isSubscribedTo(room: RoomId): boolean {
    return this.#subscriptions?.has(room) ?? false;
  }

  deliver(batch: Batch): void {
    this.#conversation?.deliver(batch);
  }

  /** An operator is told of what is asked, from now on. */
  #watchDesk(principal: Principal, conversation: Conversation): void {
    const { desk } = this.#server.hub;
    const watcher = new DeskWatcher(principal, conversation);
    desk.operators.add(watcher);
    this.ending.onStop(() => desk.operators.delete(watcher));
  }

  #subscriptionsOrThrow(): Subscriptions {
    if (this.#subscriptions === undefined) {
      throw new Error("Nobody who is not logged in hears a room");
    }
    return this.#subscriptions;
  }

  /** By a callback: what was read first is not to be held as long as the session lives. */
  #listen(): Promise<void> {
    return readDialect(this.#stream, {
      maxBytes: this.#server.limits.frame_before_auth,
      onBytes: () => this.#firstByteAt ??= this.#server.clock.monotonic(),
    }).then((dialect) => this.#isLeaving ? undefined : this.#createDialect(dialect));
  }

  #createDialect(dialect: Dialect): Promise<void> | undefined {
    switch (dialect.kind) {
      case "v1":
        return this.#converseInV1(dialect.first).converse();
      case "legacy":
        if (this.#server.speaksLegacyDialect) return this.#converseInLegacy(dialect.first);
        return void this.#converseInV1(NOTHING).deliver(LEGACY_REFUSAL);
      case "foreign":
        return void this.bye(noChat(dialect.what));
      case "gone":
        return undefined;
    }
  }

  #converseInV1(first: Uint8Array): Conversation {
    const options = { first, session: this, server: this.#server };
    return this.#conversation = new V1Conversation(this.#stream, options);
  }

  #converseInLegacy(first: Uint8Array): Promise<void> {
    const options = { first, session: this, server: this.#server };
    const conversation = this.#conversation = new LegacyConversation(this.#stream, options);
    return conversation.converse();
  }

  /** Gives back all that is held in the name of this session; what is on its way is still answered. */
  #forget(): void {
    this.ending.stop();
    this.#subscriptions?.unsubscribeAll();
    this.#server.sessions.remove(this);
    this.#principal?.close();
  }
}

/**
 * Whether this is an ordinary end of a connection: reset, closed or broken by the peer or by this
 * server, or a TLS handshake that failed (`InvalidData`, at the first read).
 */
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
    errors.InvalidData,
  ].some((kind) => error instanceof kind);
}

function closeQuietly(stream: ByteStream): void {
  try {
    stream.close();
  } catch {
    // Closed before, by the peer's end or our own.
  }
}
