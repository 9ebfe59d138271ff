// The life of one connection: the dialect of its peer, its user, its deadlines and its end. The request
// loop answers its requests.

import type { Batch } from "../../chat/event_batch.ts";
import type { OpenPrincipal, Principal } from "../../chat/people/principal.ts";
import type { Room } from "../../chat/room.ts";
import type { RoomId, UserId } from "../../store/records.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Admission } from "../addresses.ts";
import type { CommandSession } from "../commands/command.ts";
import type { ServerContext } from "../server_context.ts";
import { StopSignal } from "../stop_signal.ts";
import type { Dialect } from "./channel.ts";
import { type CloseReason, otherProtocol } from "./close_reason.ts";
import { RequestLoop } from "./request_loop.ts";
import { type DetectedDialect, readDialect } from "./dialect.ts";
import { SessionUser } from "./session_user.ts";
import { closeQuietly, isConnectionEnd } from "./stream_end.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Failed logins after which the connection is closed. */
const MOST_AUTH_FAILURES = 3;
const NOTHING = new Uint8Array(0);

/** The sessions of the server, as far as one of them reports to it. */
interface Registry {
  /** A hello was answered. */
  noteProgress(session: Session): void;
  noteAuthenticated(session: Session, user: UserId): void;
  remove(session: Session): void;
}

interface SessionOptions {
  readonly address: string;
  /** Whether the peer is this process itself. */
  readonly isInternal: boolean;
  readonly admission: Admission;
  readonly server: ServerContext;
  readonly registry: Registry;
}

/** All times are monotonic milliseconds. */
export class Session implements CommandSession {
  /** Stops when nothing more is to be read. */
  readonly ending = new StopSignal();
  readonly #server: ServerContext;
  readonly #registry: Registry;
  readonly #stream: ByteStream;
  readonly address: string;
  readonly isInternal: boolean;
  readonly admission: Admission;
  /** When the connection was accepted. */
  readonly openedAt: number;
  #loop: RequestLoop | undefined;
  #sessionUser: SessionUser | undefined;
  #firstByteAt: number | undefined;
  #tokenEndsAt = Infinity;
  #isGreeted = false;
  #client = "";
  #idleMs: number;
  #authFailures = 0;
  #pingedFor = -1;
  #isEnding = false;

  constructor(stream: ByteStream, options: SessionOptions) {
    this.#stream = stream;
    this.address = options.address;
    this.isInternal = options.isInternal;
    this.admission = options.admission;
    this.#server = options.server;
    this.#registry = options.registry;
    const { limits, clock } = options.server;
    this.openedAt = clock.monotonic();
    this.#idleMs = limits.idle_ms;
  }

  /** What the connection acts for; undefined until it has logged in. */
  get principal(): Principal | undefined {
    return this.#sessionUser?.principal;
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** The program that the peer says it is. */
  get client(): string {
    return this.#client;
  }

  noteClient(client = ""): void {
    this.#client = client;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** When the token ends by which it is logged in; infinite when it does not. */
  get tokenEndsAt(): number {
    return this.#tokenEndsAt;
  }

  /** Whether a request waits for its reply. */
  get isBeingAnswered(): boolean {
    return this.#loop?.isAnswering ?? false;
  }

  /** When the first byte came; undefined while the peer is silent. */
  get firstByteAt(): number | undefined {
    return this.#firstByteAt;
  }

  /** Whether a first request was received whole. */
  get hasSentFrame(): boolean {
    return this.#loop?.hasSentFrame ?? false;
  }

  /** When the peer last gave a sign of life, or when the server last did not read. */
  get lastLifeAt(): number {
    const loop = this.#loop;
    if (loop === undefined) return this.openedAt;
    return Math.max(loop.lastByteAt, loop.readingSince);
  }

  /** Since when a write makes no progress. */
  get writingSince(): number | undefined {
    return this.#loop?.writingSince;
  }

  get queuedBytes(): number {
    return this.#loop?.queuedBytes ?? 0;
  }

  /** Serves the connection until the peer or the server ends it. Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      if (!isConnectionEnd(error)) this.#server.faults.record("session", error);
    } finally {
      this.#release();
      if (this.#loop === undefined) closeQuietly(this.#stream);
      else await this.#loop.close();
    }
  }

  /** Ends the connection, and sends why. */
  bye(reason: CloseReason): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#server.log.debug("bye", { code: reason.code, address: this.address });
    this.#release();
    // A peer that has sent nothing yet gets version 1.
    const loop = this.#loop ?? this.#openLoop(this.#server.dialects.v1, NOTHING);
    void loop.close(reason);
  }

  /** Ends the connection at once, whatever waits to be written. */
  abort(): void {
    this.#isEnding = true;
    this.#release();
    if (this.#loop === undefined) closeQuietly(this.#stream);
    else this.#loop.abort();
  }

  /** Answers the requests that were accepted, then ends the connection. Resolves when it has ended. */
  async drain(reason: CloseReason): Promise<void> {
    this.stopReading();
    await this.#loop?.whenAnswered();
    this.bye(reason);
    await this.#loop?.close();
  }

  /** Reads nothing more; what was read is still answered. */
  stopReading(): void {
    this.ending.stop();
  }

  /** Pings, once for each sign of life: `lastLifeAt` is the time of the last one. */
  pingOnce(lastLifeAt: number): void {
    if (this.#pingedFor === lastLifeAt) return;
    this.#pingedFor = lastLifeAt;
    this.#loop?.ping();
  }

  greet({ idleMs }: { idleMs: number }): void {
    this.#isGreeted = true;
    this.#registry.noteProgress(this);
    this.#idleMs = idleMs;
  }

  logIn(principal: OpenPrincipal): void {
    const { ending } = this;
    const { faults, hub } = this.#server;
    const loop = this.#loop;
    if (loop === undefined || ending.isStopped) {
      throw new ChatError("bad_state", "This connection is ending");
    }
    // A ban may be applied while the store was asked for the rest of the login.
    hub.sanctions.checkUser(principal.user);
    if (!this.admission.isExempt) principal.noteAddress(this.address);
    this.#sessionUser = new SessionUser(principal, { outlet: loop, faults, ending });
    loop.noteLoggedIn(principal);
    const { tokenExpires } = principal;
    if (tokenExpires !== undefined) {
      const { clock } = this.#server;
      this.#tokenEndsAt = clock.monotonic() + tokenExpires - clock.now();
    }
    this.#registry.noteAuthenticated(this, principal.user);
    this.admission.noteAuthenticated();
    hub.directs.noteConnected(principal.user);
  }

  noteAuthFailure(): (() => void) | undefined {
    this.admission.noteAuthFailure();
    if (++this.#authFailures < MOST_AUTH_FAILURES) return undefined;
    const message = `At most ${MOST_AUTH_FAILURES} failed logins on one connection`;
    return () => this.bye({ code: "flood", message, reconnect: false });
  }

  /** @returns whether it was subscribed */
  unsubscribe(room: Room): boolean {
    return this.#sessionUser?.subscriptions.unsubscribe(room) ?? false;
  }

  /** As `Subscriptions.follow`, when it is logged in. */
  follow(room: Room, seq: number): void {
    this.#sessionUser?.subscriptions.follow(room, seq);
  }

  /** Ends the subscription to a room, and drops the room's events that are not written yet. */
  expel(room: Room): void {
    this.unsubscribe(room);
    this.#loop?.dropEventsOf(room.name);
  }

  /** Subscribes a new operator to the desk, and unsubscribes a former one. */
  noteRoleChanged(): void {
    const { room } = this.#server.hub.desk.log;
    if (this.principal?.hasRole("operator") === true) this.follow(room, room.deliveredSeq);
    else this.expel(room);
  }

  isSubscribedTo(room: RoomId): boolean {
    return this.#sessionUser?.subscriptions.has(room) ?? false;
  }

  /** Sends events that are for the user, of no room the connection is subscribed to. */
  deliver(batch: Batch): void {
    this.#loop?.deliver(batch);
  }

  get subscriptions(): Subscriptions {
    if (this.#sessionUser === undefined) {
      throw new Error("Only a logged-in connection can subscribe");
    }
    return this.#sessionUser.subscriptions;
  }

  /** By a callback: the bytes that were read first must not be kept for the whole session. */
  #serve(): Promise<void> {
    return readDialect(this.#stream, {
      maxBytes: this.#server.limits.frame_before_auth,
      onBytes: () => this.#firstByteAt ??= this.#server.clock.monotonic(),
    }).then((detected) => this.#isEnding ? undefined : this.#speak(detected));
  }

  #speak(detected: DetectedDialect): Promise<void> | undefined {
    const { dialects } = this.#server;
    switch (detected.kind) {
      case "v1":
        return this.#openLoop(dialects.v1, detected.first).run();
      case "legacy":
        return this.#openLoop(dialects.legacy, detected.first).run();
      case "foreign":
        return void this.bye(otherProtocol(detected.what));
      case "gone":
        return undefined;
    }
  }

  #openLoop(dialect: Dialect, first: Uint8Array): RequestLoop {
    const options = { dialect, first, session: this, server: this.#server };
    return this.#loop = new RequestLoop(this.#stream, options);
  }

  /** Releases all that the session holds; requests that are under way are still answered. */
  #release(): void {
    this.ending.stop();
    this.#registry.remove(this);
    this.#sessionUser?.close();
  }
}
