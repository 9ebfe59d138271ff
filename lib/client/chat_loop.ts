// Conversation, session and view together: frames go into the conversation, its lines to the view,
// its requests to the server. The same for a person's chat and for `tail`.

import type { ClientFrame, ServerFrame } from "../wire/frame.ts";
import type { SleepClock } from "../time.ts";
import { disconnected, follow, newConversation, receive } from "./state/conversation.ts";
import { resumeRequests } from "./state/resumption.ts";
import type { Ask, Conversation, Step } from "./state/conversation_state.ts";
import { failure } from "../terminal/line.ts";
import type { RequestType } from "./link/replies.ts";
import { PagePace } from "./history/page_pace.ts";
import { RetryDelay } from "./link/retry_delay.ts";
import type { Session } from "./link/session.ts";
import type { View } from "../terminal/line.ts";

export interface DialogueOptions {
  readonly mode: Conversation["mode"];
  readonly view: View;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/** What is said with one server, over as many connections as it takes. */
export class ChatLoop {
  readonly #view: View;
  readonly #clock: SleepClock;
  /** Of the requests that the server refuses for now. */
  readonly #delay: RetryDelay;
  readonly #pace = new PagePace();
  #pageAskedAt = 0;
  #conversation: Conversation;
  #session: Session | undefined;
  /** Requests from before the session was handed over. */
  #waiting: Ask[] = [];
  #cut = new AbortController();

  constructor({ mode, view, clock, random }: DialogueOptions) {
    this.#view = view;
    this.#clock = clock;
    this.#delay = new RetryDelay(random);
    this.#conversation = newConversation(mode);
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /** The session that is open now. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Takes every frame of every session, in the order of the wire. */
  receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    if (request !== undefined && frame.type !== "error") this.#delay.reset();
    if (frame.type === "page") this.#pace.allowed(this.#pageAskedAt);
    this.#apply(receive(this.#conversation, frame, request));
  }

  /** A session is open; its welcome has been received. */
  online(session: Session): void {
    this.#session = session;
    const asks = this.#waiting;
    this.#waiting = [];
    for (const ask of asks) this.#ask(ask);
  }

  /** The session is over. */
  offline(): void {
    this.#session = undefined;
    this.#waiting = [];
    this.#cut.abort();
    this.#cut = new AbortController();
    this.#conversation = disconnected(this.#conversation);
  }

  /** Hears these rooms from their cursors on. */
  follow(cursors: ReadonlyMap<string, number>): void {
    let only: Conversation = { ...this.#conversation, logs: new Map() };
    for (const [room, cursor] of cursors) {
      this.#conversation = follow(this.#conversation, room, cursor);
      only = follow(only, room, cursor);
    }
    for (const ask of resumeRequests(only)) this.#ask(ask);
  }

  /** Sends a request whose answer the conversation shows; offline that is said instead. */
  ask(frame: ClientFrame<RequestType>): void {
    if (this.#session === undefined) {
      this.#view.show([failure("Not connected: try again when the connection is back")]);
    } else this.#send(frame);
  }

  #apply({ conversation, lines, asks }: Step): void {
    this.#conversation = conversation;
    if (lines.length > 0) this.#view.show(lines);
    for (const ask of asks) this.#ask(ask);
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
    this.#clock.sleep(waitMs, signal).then(() => {
      if (!signal.aborted) this.#send(frame);
    });
  }

  /** How long a request waits: as the server has asked, and pages no faster than it has allowed. */
  #waitOf({ frame, afterMs }: Ask): number {
    const now = this.#clock.monotonic();
    if (afterMs === undefined) return frame.type === "history" ? this.#pace.waitMs(now) : 0;
    const waitMs = this.#delay.next(afterMs);
    if (frame.type === "history") this.#pace.refused(now + waitMs);
    return waitMs;
  }

  /** The conversation gets the answer, a refusal too; after a cut it asks anew. */
  #send(frame: ClientFrame<RequestType>): void {
    if (frame.type === "history") this.#pageAskedAt = this.#clock.monotonic();
    this.#session?.request(frame).catch(() => {});
  }
}
