// `tail ROOM`: every message of a room as it comes, none missed and none twice, for as long as it
// takes: over restarts of the server and whatever the network does.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { Backoff } from "../link/backoff.ts";
import { describeDifference } from "../output/chat_lines.ts";
import type { ClientContext } from "../context.ts";
import { describeMissing } from "../state/conversation_state.ts";
import { ChatLoop } from "../chat_loop.ts";
import { ConnectionLost, toFailure } from "../exit.ts";
import { refusalOf } from "../output/following.ts";
import { describeCut, failure, notice } from "../../terminal/line.ts";
import { keepConnected } from "../link/reconnect.ts";
import { HistoryReader, readHistory } from "../history/paging.ts";
import type { Session } from "../link/session.ts";
import { JsonView, PlainView, tell } from "../output/view.ts";
import type { View } from "../../terminal/line.ts";

export interface TailOptions {
  readonly room: string;
  /** How many of the messages before now are shown first. */
  readonly history: number;
  /** Everything above this seq is shown, however long ago; goes before `history`. */
  readonly since?: number;
  readonly json: boolean;
}

/** Follows until the context's signal aborts. @throws {Failure} when there is no use in going on. */
export async function tail(context: ClientContext, options: TailOptions): Promise<void> {
  const stop = new AbortController();
  const passOn = () => stop.abort(context.signal.reason);
  context.signal.addEventListener("abort", passOn);
  if (context.signal.aborted) passOn();
  const follower = new Follower(context, options, stop);
  const { connect, identity, clock, random } = context;
  try {
    await keepConnected({
      connect,
      identity,
      clock,
      backoff: new Backoff(random),
      signal: stop.signal,
      receive: (frame, request) => follower.receive(frame, request),
      whenRoom: () => context.output.whenRoom(),
      online: (session) => follower.online(session),
      offline: (reason, retryMs) => follower.offline(reason, retryMs),
    });
    throw stop.signal.reason;
  } catch (error) {
    throw toFailure(error);
  } finally {
    context.signal.removeEventListener("abort", passOn);
  }
}

class Follower {
  readonly #context: ClientContext;
  readonly #options: TailOptions;
  readonly #stop: AbortController;
  readonly #view: View;
  readonly #dialogue: ChatLoop;
  /** Up to here everything was shown before the following began. */
  #cursor: number | undefined;
  #isFollowing = false;
  #wasWelcomed = false;
  #toldReason: string | undefined;

  constructor(context: ClientContext, options: TailOptions, stop: AbortController) {
    const { output, clock, random } = context;
    this.#context = context;
    this.#options = options;
    this.#stop = stop;
    this.#view = options.json ? new JsonView(output) : new PlainView(output);
    this.#dialogue = new ChatLoop({ mode: "follow", view: this.#view, clock, random });
    this.#cursor = options.since;
  }

  receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    try {
      this.#dialogue.receive(frame, request);
    } catch (error) {
      this.#stop.abort(error);
    }
    const refused = refusalOf(frame, request);
    if (refused !== undefined) this.#stop.abort(refused);
  }

  online(session: Session): void {
    const { output, identity } = this.#context;
    const news = this.#wasWelcomed
      ? [notice("Connected again")]
      : describeDifference(session.welcome, identity);
    for (const line of news) tell(output, line);
    this.#wasWelcomed = true;
    this.#toldReason = undefined;
    this.#dialogue.online(session);
    if (!this.#isFollowing) this.#begin(session).catch((error) => this.#stop.abort(error));
  }

  offline(reason: string, retryMs: number): void {
    this.#dialogue.offline();
    // Said once, however many tries fail the same way.
    if (reason === this.#toldReason) return;
    this.#toldReason = reason;
    tell(this.#context.output, failure(describeCut(reason, retryMs)));
  }

  /** Shows what was asked of the past, then goes on from its last message. */
  async #begin(session: Session): Promise<void> {
    const { clock, random, output } = this.#context;
    const options = { session, clock, random, signal: this.#stop.signal };
    const { room: asked, history: limit } = this.#options;
    try {
      const newest = await new HistoryReader(options)
        .ask({ type: "history", room: asked, limit: 1 });
      const { room } = newest;
      if (this.#cursor === undefined && limit > 0) {
        for await (const { events, missing } of readHistory({ room, limit }, options)) {
          if (missing !== undefined) tell(output, describeMissing(room, missing));
          this.#view.show(events.map((event) => ({ kind: "event", event })));
          this.#cursor = events.at(-1)?.seq;
          await this.#context.output.whenRoom();
        }
      }
      this.#isFollowing = true;
      this.#dialogue.follow(new Map([[room, this.#cursor ?? newest.events.at(-1)?.seq ?? 0]]));
    } catch (error) {
      // The next connection goes on with what is missing.
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }
}
