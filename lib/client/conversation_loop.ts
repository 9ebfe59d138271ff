// Conversation, session and view together: frames go into the conversation, its lines to the view,
// its requests to the server. The same for a person's chat, for `ask` and for `tail`.

import type { ClientFrame, ServerFrame } from "../wire/frame.ts";
import type { SleepClock } from "../time.ts";
import { inquiryRoom } from "../wire/room_ref.ts";
import { ConnectionLost, type Failure } from "./exit.ts";
import { disconnected, follow, newConversation, receive } from "./state/conversation_reducer.ts";
import { enterRoom } from "./state/entering.ts";
import { resumeRequests } from "./state/resumption.ts";
import { withoutTyping } from "./state/activity.ts";
import {
  type Ask,
  type Conversation,
  type Step,
  step,
  withoutLog,
} from "./state/conversation_state.ts";
import type { ConversationPolicy } from "./state/conversation_policies.ts";
import { failure } from "../terminal/view_lines.ts";
import type { RequestType } from "./link/reply_types.ts";
import { PageRate } from "./history/page_rate.ts";
import { RetryDelay } from "./link/retry_delay.ts";
import type { Session } from "./link/session.ts";
import type { View } from "../terminal/view_lines.ts";

interface ConversationLoopOptions {
  readonly policy: ConversationPolicy;
  readonly view: View;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** The conversation may be another one. Must return at once. */
  readonly changed?: () => void;
  /** The conversation is over. Must return at once. */
  readonly ended?: (failure: Failure) => void;
}

/** Where a person goes, from the request until its reply. */
interface Heading {
  /** Undefined while it is not known which one. */
  readonly room: string | undefined;
  /** The request whose reply ends it. */
  readonly request?: ClientFrame;
}

/** The conversation with one server, over as many connections as it takes. */
export class ConversationLoop {
  readonly #options: ConversationLoopOptions;
  /** Of the requests that the server refuses for now. */
  readonly #delay: RetryDelay;
  readonly #pace = new PageRate();
  #pageAskedAt = 0;
  #conversation: Conversation;
  #session: Session | undefined;
  /** Requests from before the session was handed over. */
  #waiting: Ask[] = [];
  /** What the person has requested before the first try to connect has ended; then undefined. */
  #early: ClientFrame<RequestType>[] | undefined = [];
  #cut = new AbortController();
  #heading: Heading | undefined;

  constructor(options: ConversationLoopOptions) {
    this.#options = options;
    this.#delay = new RetryDelay(options.random);
    this.#conversation = newConversation(options.policy);
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /**
   * The room that the person has last asked to enter. What is typed meanwhile is for that room, never for
   * the current one.
   */
  get heading(): Pick<Heading, "room"> | undefined {
    return this.#heading;
  }

  /** The person goes to this room, if they may. @returns what ends that */
  headFor(room: string | undefined, request?: ClientFrame): () => void {
    const heading = { room, request };
    this.#heading = heading;
    return () => {
      if (this.#heading === heading) this.#heading = undefined;
    };
  }

  /** The session that is open now. */
  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * Takes the welcome and the events of every session, and the replies to this conversation's
   * requests, all in the order of the wire.
   */
  receive(frame: ServerFrame, request?: ClientFrame): void {
    if (request !== undefined && frame.type !== "error") this.#delay.reset();
    if (frame.type === "page") this.#pace.allowed(this.#pageAskedAt);
    this.#apply(receive(this.#conversation, frame, request));
    const isAskedAgain = frame.type === "error" && frame.retry === true;
    const isReply = request !== undefined && request === this.#heading?.request;
    if (isReply && !isAskedAgain) this.#heading = undefined;
  }

  /** A session is open; its welcome has been received. */
  online(session: Session): void {
    this.#session = session;
    for (const ask of this.#waiting.splice(0)) this.#ask(ask);
    const early = this.#early ?? [];
    this.#early = undefined;
    // The caller enters its room first.
    queueMicrotask(() => early.forEach((frame) => this.ask(frame)));
  }

  /** The session is over. */
  offline(): void {
    this.#session = undefined;
    this.#heading = undefined;
    this.#waiting = [];
    if (this.#early !== undefined && this.#early.length > 0) this.#showOffline();
    this.#early = undefined;
    this.#cut.abort();
    this.#cut = new AbortController();
    this.#conversation = disconnected(this.#conversation);
    this.#options.changed?.();
  }

  /** Follows these rooms from their cursors on. */
  follow(cursors: ReadonlyMap<string, number>): void {
    let only: Conversation = { ...this.#conversation, logs: new Map() };
    for (const [room, cursor] of cursors) {
      this.#conversation = follow(this.#conversation, room, cursor);
      only = follow(only, room, cursor);
    }
    for (const ask of resumeRequests(only)) this.#ask(ask);
    this.#options.changed?.();
  }

  /** Stops following a room. */
  unfollow(room: string): void {
    if (!this.#conversation.logs.has(room)) return;
    this.#conversation = withoutLog(this.#conversation, room);
    this.#session?.request({ type: "leave", room }).catch(() => {});
    this.#options.changed?.();
  }

  /** This sign that a user types is too old. */
  forgetTyping(sign: ServerFrame<"typing">): void {
    const { room, user } = sign;
    this.#apply(step(withoutTyping(this.#conversation, { room, user, sign })));
  }

  /** Enters a room that is followed, offline too. */
  enter(room: string): void {
    const isOnline = this.#session !== undefined;
    this.#heading = undefined;
    this.#apply(enterRoom(this.#conversation, room, { isOnline }));
  }

  /**
   * Sends a request whose reply the conversation shows, or keeps it for a connection that is being opened;
   * offline it shows that instead.
   * @param options.lost is shown when the connection ends before the reply
   */
  ask(frame: ClientFrame<RequestType>, { lost }: { lost?: string } = {}): void {
    const showLost = () => {
      if (lost !== undefined) this.#options.view.show([failure(lost)]);
    };
    const room = destinationOf(frame);
    const isSent = this.#session !== undefined || this.#early !== undefined;
    if (room !== undefined && isSent) this.headFor(room, frame);
    if (this.#session !== undefined) return this.#send(frame, showLost);
    if (this.#early === undefined) this.#showOffline();
    else this.#early.push(frame);
  }

  #showOffline(): void {
    const offline = "Not connected: try again when the connection is back";
    this.#options.view.show([failure(offline)]);
  }

  #apply({ conversation, lines, asks, end }: Step): void {
    this.#conversation = conversation;
    if (lines.length > 0) this.#options.view.show(lines);
    for (const ask of asks) this.#ask(ask);
    this.#options.changed?.();
    if (end !== undefined) this.#options.ended?.(end);
  }

  #ask(ask: Ask): void {
    if (this.#session === undefined) {
      this.#waiting.push(ask);
      return;
    }
    const frame = ask.frame as ClientFrame<RequestType>;
    const waitMs = this.#waitOf(ask);
    if (waitMs === 0) return this.#send(frame);
    const { signal } = this.#cut;
    this.#options.clock.sleep(waitMs, signal).then(() => {
      if (!signal.aborted) this.#send(frame);
    });
  }

  /** How long a request waits: as the server has asked, and pages no faster than it has allowed. */
  #waitOf({ frame, afterMs }: Ask): number {
    const now = this.#options.clock.monotonic();
    if (afterMs === undefined) return frame.type === "history" ? this.#pace.waitMs(now) : 0;
    const waitMs = this.#delay.next(afterMs);
    if (frame.type === "history") this.#pace.refused(now + waitMs);
    return waitMs;
  }

  /** The conversation gets the reply, a refusal too; after a cut it asks again by itself. */
  #send(frame: ClientFrame<RequestType>, onLost: () => void = () => {}): void {
    if (frame.type === "history") this.#pageAskedAt = this.#options.clock.monotonic();
    this.#session?.request(frame, (reply) => this.receive(reply, frame)).catch((error) => {
      if (error instanceof ConnectionLost) onLost();
    });
  }
}

/** The room that is entered by a request of a person, if it is granted. */
function destinationOf(frame: ClientFrame): string | undefined {
  if (frame.type === "join") return frame.room;
  return frame.type === "claim" ? inquiryRoom(frame.inquiry) : undefined;
}
