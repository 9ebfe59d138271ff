// Follows a room over cuts and restarts of the server, from a seq or from now on: every message once. Knows
// nothing of what is done with the messages.

import type { ServerFrame } from "../../wire/frame.ts";
import { failure, type Line, notice, type View } from "../../terminal/view_lines.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import type { ClientContext } from "../context.ts";
import { ConnectionLost, type Failure } from "../exit.ts";
import { HistoryReader, readHistory } from "../history/paging.ts";
import type { Session } from "../link/session.ts";
import type { ReconnectHandlers } from "../link/with_reconnects.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { describeDifference, describeMissing } from "../output/wording.ts";
import { FOLLOW } from "../state/conversation_policies.ts";

interface FollowOptions {
  readonly room: string;
  /** How many of the messages before now come first. */
  readonly history: number;
  /** Everything above this seq comes, however long ago; goes before `history`. */
  readonly since?: number | undefined;
  /** Where the messages go, each once and in the order of their seq. */
  readonly view: View;
  /** Resolves when the view can take more; undefined when it can. */
  readonly whenRoom: () => Promise<void> | undefined;
  /**
   * Whether nothing up to the beginning ever comes: not even when the server was restored to an earlier
   * state, and the room starts over.
   */
  readonly isStrict?: boolean;
  /** The time within which there must be a result. */
  readonly timeout?: { readonly ms: number; readonly failure: () => Failure };
}

/** Follows the room until `finish`. Dispose it when the command is over. */
export class FollowRun<T> implements ReconnectHandlers<T>, Disposable {
  readonly #context: ClientContext;
  readonly #options: FollowOptions;
  readonly #loop: ConversationLoop;
  readonly #over = new AbortController();
  readonly #result = Promise.withResolvers<T>();
  /** Everything up to here was shown before the room was followed. */
  #cursor: number | undefined;
  /** Nothing up to here is passed on. */
  #floor = 0;
  #isFollowing = false;

  constructor(context: ClientContext, options: FollowOptions) {
    const { clock, random } = context;
    this.#context = context;
    this.#options = options;
    this.#loop = new ConversationLoop({
      policy: FOLLOW,
      view: { show: (lines) => this.#handOn(lines) },
      clock,
      random,
      ended: (failure) => this.fail(failure),
    });
    this.#cursor = options.since;
  }

  get result(): Promise<T> {
    return this.#result.promise;
  }

  get timeout(): FollowOptions["timeout"] {
    return this.#options.timeout;
  }

  finish(result: T): void {
    this.#result.resolve(result);
  }

  fail(failure: unknown): void {
    this.#result.reject(failure);
  }

  receive(frame: ServerFrame): void {
    this.#loop.receive(frame);
  }

  whenRoom(): Promise<void> | undefined {
    return this.#options.whenRoom();
  }

  online(session: Session, { isFirst }: { readonly isFirst: boolean }): void {
    const { output, identity } = this.#context;
    const lines = isFirst
      ? describeDifference(session.welcome, identity)
      : [notice("Connected again")];
    for (const line of lines) writeLine(output, line);
    this.#loop.online(session);
    if (!this.#isFollowing) this.#begin(session).catch((error) => this.fail(error));
  }

  offline(): void {
    this.#loop.offline();
  }

  show(line: Line): void {
    writeLine(this.#context.output, line);
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  #handOn(lines: readonly Line[]): void {
    this.#options.view.show(
      lines.filter((line) => line.kind !== "event" || line.event.seq > this.#floor),
    );
  }

  /** Shows the older messages that were asked for, then follows the room from the last of them. */
  async #begin(session: Session): Promise<void> {
    const { clock, random, output } = this.#context;
    const options = { session, clock, random, signal: this.#over.signal };
    const { room: asked, history: limit, view, whenRoom, isStrict = false } = this.#options;
    try {
      const newest = await new HistoryReader(options)
        .ask({ type: "history", room: asked, limit: 1 });
      const { room } = newest;
      if (this.#cursor === undefined && limit > 0) {
        for await (const { events, missing } of readHistory({ room, limit }, options)) {
          if (missing !== undefined) writeLine(output, failure(describeMissing(room, missing)));
          view.show(events.map((event) => ({ kind: "event", event })));
          this.#cursor = events.at(-1)?.seq;
          await whenRoom();
        }
      }
      this.#isFollowing = true;
      const last = newest.events.at(-1)?.seq ?? 0;
      const start = this.#cursor ?? last;
      // A cursor that the room has yet to reach would be one of another state of it.
      if (isStrict || start > last) this.#floor = start;
      this.#loop.follow(new Map([[room, Math.min(start, last)]]));
    } catch (error) {
      // The next connection begins with the messages that are missing.
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }
}
