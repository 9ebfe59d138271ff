// The life of one connection, seen from the client: hello, requests and their replies, events in
// order, pings, the end. Knows neither rooms nor views; reconnect.ts opens the next one.

import { abortable } from "@std/async/abortable";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { ClientCodec } from "../../wire/codec.ts";
import { Connection } from "../../wire/stream/connection.ts";
import { FrameError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import type { SleepClock } from "../../time.ts";
import { ConnectionLost } from "../exit.ts";
import { sendHello } from "./hello.ts";
import type { Identity } from "../files/identity.ts";
import { type Reply, REPLY_TYPES, type RequestType, toChatError } from "./reply_types.ts";
import { failureBeforeWelcome, type SessionEnd } from "./session_end.ts";
import { watchSilence } from "./silence.ts";

/** How long the server may take to end its side when this one has ended its own. */
const LINGER_MS = 100;

const ENDED_HERE = "The session was ended here";

export interface SessionOptions {
  readonly connect: (signal: AbortSignal) => Promise<ByteStream>;
  readonly identity: Identity;
  readonly clock: SleepClock;
  /**
   * Takes the welcome, then every frame that is no reply, in the order of the wire. Must return at
   * once; what it throws ends the session.
   */
  readonly receive?: (frame: ServerFrame) => void;
  /** Resolves when more can be taken: until then nothing is read. Undefined when it can. */
  readonly whenRoom?: () => Promise<void> | undefined;
  /** Ends the session whenever it aborts, also while it is opened. */
  readonly signal?: AbortSignal;
}

/** Takes the reply to a request, an error too. */
type TakeReply = (reply: ServerFrame) => void;

interface PendingRequest {
  readonly request: ClientFrame;
  readonly take?: TakeReply | undefined;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  resolve(frame: ServerFrame): void;
  reject(error: Error): void;
}

/** A connection on which the server has welcomed the client. */
export class Session {
  readonly #connection: Connection<ServerFrame, ClientFrame>;
  readonly #options: SessionOptions;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #over = new AbortController();
  #welcome: ServerFrame<"welcome"> | undefined;
  #lastId = 0;
  /** How long the last reply has taken. */
  #replyMs: number | undefined;
  #end: SessionEnd | undefined;
  #isClosing = false;
  /** Whether nothing is read now, and since when something is. */
  #isHeldBack = false;
  #listeningSince = 0;
  /** Resolves when the connection is over; never rejects. */
  readonly ended: Promise<SessionEnd>;

  private constructor(stream: ByteStream, options: SessionOptions) {
    this.#options = options;
    const { frame: maxFrameBytes, queue_bytes: maxQueueBytes } = DEFAULT_LIMITS;
    const codec = new ClientCodec(maxFrameBytes);
    const lingerMs = LINGER_MS;
    const { clock } = options;
    this.#connection = new Connection(stream, codec, { maxQueueBytes, clock, lingerMs });
    this.ended = this.#live();
  }

  /**
   * Connects and sends hello.
   * @throws {Failure} unreachable, timeout, protocol; {ChatError} what the server refused; the
   * signal's reason.
   */
  static async open(options: SessionOptions): Promise<Session> {
    const signal = options.signal ?? new AbortController().signal;
    const session = new Session(await options.connect(signal), options);
    const cut = () => session.#finish({ message: ENDED_HERE });
    signal.addEventListener("abort", cut);
    session.ended.then(() => signal.removeEventListener("abort", cut));
    if (signal.aborted) cut();
    try {
      session.#welcome = await sendHello((frame) => session.request(frame), options);
      return session;
    } catch (error) {
      cut();
      if (signal.aborted) throw signal.reason;
      if (error instanceof ConnectionLost) throw failureBeforeWelcome(await session.ended);
      throw error;
    }
  }

  /** The server's first reply: who the client is, the server's epoch, its limits. */
  get welcome(): ServerFrame<"welcome"> {
    if (this.#welcome === undefined) throw new Error("The session is not open yet");
    return this.#welcome;
  }

  /** How long the last reply has taken, or the next one has so far, in milliseconds. */
  get lagMs(): number | undefined {
    const oldest = this.#pending.values().next().value;
    if (oldest === undefined) return this.#replyMs;
    return Math.max(this.#replyMs ?? 0, this.#options.clock.monotonic() - oldest.sentAt);
  }

  /**
   * Sends a request; resolves with its reply. `take` is given the reply, an error too, in the order
   * of the wire: before any event that follows it. It must return at once; what it throws ends the
   * session.
   * @throws {ChatError} when it is refused; {ConnectionLost} when the connection ends before.
   */
  request<T extends RequestType>(
    frame: ClientFrame<T>,
    take?: (reply: Reply<T> | ServerFrame<"error">) => void,
  ): Promise<Reply<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply<T>>();
    if (this.#end !== undefined) {
      reject(new ConnectionLost(this.#end.message));
      return promise;
    }
    const id = ++this.#lastId;
    const entry: PendingRequest = {
      request: frame as ClientFrame,
      take: take as TakeReply | undefined,
      sentAt: this.#options.clock.monotonic(),
      resolve: (reply) => resolve(reply as Reply<T>),
      reject,
    };
    this.#pending.set(id, entry);
    this.#connection.send({ ...(frame as ClientFrame), id });
    return promise;
  }

  /** Says that the person is typing in a room. No reply is awaited, and a refusal is ignored. */
  sendTyping(room: string): void {
    if (this.#end === undefined) this.#connection.send({ type: "typing", room, id: "typing" });
  }

  /** Ends the session; frames that were sent are written first. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#connection.close();
    await this.ended;
  }

  /** Reads until the end. */
  async #live(): Promise<SessionEnd> {
    const watching = watchSilence({
      clock: this.#options.clock,
      signal: this.#over.signal,
      // While nothing is read, the server's silence is the client's own doing.
      lastByteAt: () =>
        this.#isHeldBack ? undefined : Math.max(this.#connection.lastByteAt, this.#listeningSince),
      ping: () => this.#connection.send({ type: "ping" }),
      dead: () => this.#finish({ message: "The server does not respond" }),
    });
    try {
      for await (const frames of this.#connection.incoming) {
        for (const frame of frames) {
          this.#receive(frame);
          if (this.#end !== undefined) break;
        }
        await this.#holdBack();
      }
      if (this.#isClosing) await this.#connection.ended;
      this.#finish({
        message: this.#isClosing ? ENDED_HERE : "The server has closed the connection",
      });
    } catch (error) {
      this.#fail(error);
    }
    await this.#connection.ended;
    await watching;
    return this.#end ?? { message: "The connection was lost" };
  }

  /** Reads nothing until more can be taken. */
  async #holdBack(): Promise<void> {
    const room = this.#options.whenRoom?.();
    if (room === undefined) return;
    this.#isHeldBack = true;
    await abortable(room, this.#over.signal).catch(() => {});
    this.#isHeldBack = false;
    this.#listeningSince = this.#options.clock.monotonic();
  }

  #fail(error: unknown): void {
    if (error instanceof FrameError) this.#finish({ message: error.message, fault: error });
    else this.#finish({ message: "The connection was lost" });
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === "ping") return this.#connection.send({ type: "pong" });
    if (frame.type === "bye") {
      this.#handOn(frame);
      return this.#finish({ message: frame.message, bye: frame });
    }
    const id = frame.re === undefined ? this.#idOfUnread(frame) : frame.re;
    if (id === undefined) return this.#handOn(frame);
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (pending === undefined) return;
    this.#pending.delete(id as number);
    this.#replyMs = this.#options.clock.monotonic() - pending.sentAt;
    this.#receiveReply(frame, pending);
  }

  /**
   * Every request has an id, and replies come in order: an error without one is about the oldest
   * request, whose line the server could not read.
   */
  #idOfUnread({ type }: ServerFrame): number | undefined {
    return type === "error" ? this.#pending.keys().next().value : undefined;
  }

  #receiveReply(frame: ServerFrame, { request, take, resolve, reject }: PendingRequest): void {
    if (frame.type !== "error" && frame.type !== REPLY_TYPES[request.type]) {
      const fault = new FrameError("bad_frame", `it answered ${request.type} by ${frame.type}`);
      reject(fault);
      throw fault;
    }
    const receiver = frame.type === "welcome" ? this.#options.receive : take;
    if (receiver !== undefined) this.#handOn(frame, receiver);
    if (this.#end !== undefined) return reject(new ConnectionLost(this.#end.message));
    if (frame.type === "error") reject(toChatError(frame));
    else resolve(frame);
  }

  #handOn(frame: ServerFrame, take: TakeReply | undefined = this.#options.receive): void {
    try {
      take?.(frame);
    } catch (error) {
      this.#finish({ message: "The client failed", thrown: { error } });
    }
  }

  /** The first end counts. Requests without a reply will not get one. */
  #finish(end: SessionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#over.abort();
    this.#connection.abort();
    for (const { reject } of this.#pending.values()) reject(new ConnectionLost(end.message));
    this.#pending.clear();
  }
}
