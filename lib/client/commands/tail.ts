// `tail ROOM`: every message of a room as it comes, none missed and none twice, until it is
// interrupted: over restarts of the server and every cut of the network.

import type { ServerFrame } from "../../wire/frame.ts";
import { failure, type Line, notice, type View } from "../../terminal/view_lines.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import type { ClientContext } from "../context.ts";
import { ConnectionLost } from "../exit.ts";
import { HistoryReader, readHistory } from "../history/paging.ts";
import type { Session } from "../link/session.ts";
import { type ReconnectHandlers, withReconnects } from "../link/with_reconnects.ts";
import { JsonView, PlainView, writeLine } from "../output/plain_and_json_views.ts";
import { describeDifference, describeMissing } from "../output/wording.ts";
import { FOLLOW } from "../state/conversation_policies.ts";

export interface TailOptions {
  readonly room: string;
  /** How many of the messages before now are shown first. */
  readonly history: number;
  /** Everything above this seq is shown, however long ago; goes before `history`. */
  readonly since?: number;
  readonly json: boolean;
}

/** Follows until the context's signal aborts. @throws {Failure} when no retry can help. */
export async function tail(context: ClientContext, options: TailOptions): Promise<void> {
  const run = new TailRun(context, options);
  try {
    await withReconnects(context, run);
  } finally {
    run.stop();
  }
}

class TailRun implements ReconnectHandlers<never> {
  readonly #context: ClientContext;
  readonly #options: TailOptions;
  readonly #view: View;
  readonly #loop: ConversationLoop;
  readonly #over = new AbortController();
  readonly #result = Promise.withResolvers<never>();
  /** Everything up to here was shown before the room was followed. */
  #cursor: number | undefined;
  #isFollowing = false;

  constructor(context: ClientContext, options: TailOptions) {
    const { output, clock, random } = context;
    this.#context = context;
    this.#options = options;
    this.#view = options.json ? new JsonView(output) : new PlainView(output);
    const ended = (failure: unknown) => this.#result.reject(failure);
    this.#loop = new ConversationLoop({ policy: FOLLOW, view: this.#view, clock, random, ended });
    this.#cursor = options.since;
  }

  get result(): Promise<never> {
    return this.#result.promise;
  }

  receive(frame: ServerFrame): void {
    this.#loop.receive(frame);
  }

  whenRoom(): Promise<void> | undefined {
    return this.#context.output.whenRoom();
  }

  online(session: Session, { isFirst }: { readonly isFirst: boolean }): void {
    const { output, identity } = this.#context;
    const lines = isFirst
      ? describeDifference(session.welcome, identity)
      : [notice("Connected again")];
    for (const line of lines) writeLine(output, line);
    this.#loop.online(session);
    if (!this.#isFollowing) this.#begin(session).catch((error) => this.#result.reject(error));
  }

  offline(): void {
    this.#loop.offline();
  }

  show(line: Line): void {
    writeLine(this.#context.output, line);
  }

  stop(): void {
    this.#over.abort();
  }

  /** Shows the older messages that were asked for, then follows the room from the last of them. */
  async #begin(session: Session): Promise<void> {
    const { clock, random, output } = this.#context;
    const options = { session, clock, random, signal: this.#over.signal };
    const { room: asked, history: limit } = this.#options;
    try {
      const newest = await new HistoryReader(options)
        .ask({ type: "history", room: asked, limit: 1 });
      const { room } = newest;
      if (this.#cursor === undefined && limit > 0) {
        for await (const { events, missing } of readHistory({ room, limit }, options)) {
          if (missing !== undefined) writeLine(output, failure(describeMissing(room, missing)));
          this.#view.show(events.map((event) => ({ kind: "event", event })));
          this.#cursor = events.at(-1)?.seq;
          await output.whenRoom();
        }
      }
      this.#isFollowing = true;
      this.#loop.follow(new Map([[room, this.#cursor ?? newest.events.at(-1)?.seq ?? 0]]));
    } catch (error) {
      // The next connection begins with the messages that are missing.
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }
}
