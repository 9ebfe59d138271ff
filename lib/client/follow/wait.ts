// `wait ROOM --match REGEX`: the first message that matches, printed when it is there; over cuts and restarts
// of the server.

import type { RoomEvent } from "../../wire/event.ts";
import { ThresholdWaiters } from "../../collections/threshold_waiters.ts";
import type { Line, View } from "../../terminal/view_lines.ts";
import type { SleepClock } from "../../time.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { withReconnects } from "../link/with_reconnects.ts";
import { createEventView, type Output, writeLine } from "../output/plain_and_json_views.ts";
import { formatDuration } from "../output/durations.ts";
import { FollowRun } from "./follow_run.ts";
import { PatternMatcher } from "./pattern_matcher.ts";

export interface WaitOptions {
  readonly room: string;
  /** A regular expression, for the flag `u`. */
  readonly pattern: string;
  /** Only messages above this seq; without it those from now on. */
  readonly since?: number;
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly showsSeq?: boolean;
  /** Measures how long the pattern is tried on a message; by default the time of the machine. */
  readonly patternClock?: Pick<SleepClock, "sleep">;
}

/** With more untried messages than this, no further ones are accepted. */
const MOST_WAITING = 1_000;

/** @throws {Failure} timeout when no message has matched; usage when the pattern cannot be tried */
export async function wait(context: ClientContext, options: WaitOptions): Promise<void> {
  const { output } = context;
  const { pattern, timeoutMs: ms, patternClock } = options;
  const overdue = () =>
    new Failure("timeout", `No message has matched within ${formatDuration(ms)}`);
  using matcher = new PatternMatcher(pattern, patternClock);
  const tried = new MatchView(output, matcher);
  using run = new FollowRun<RoomEvent>(context, {
    ...options,
    history: 0,
    isStrict: true,
    view: tried,
    whenRoom: () => tried.whenRoom(),
    timeout: { ms, failure: overdue },
  });
  tried.found.then((event) => run.finish(event), (error) => run.fail(error));
  const event = await withReconnects(context, run);
  createEventView(output, options).show([{ kind: "event", event }]);
}

/** Tries each message in its order, until one matches. */
class MatchView implements View {
  readonly #output: Output;
  readonly #matcher: PatternMatcher;
  readonly #found = Promise.withResolvers<RoomEvent>();
  readonly #waiters = new ThresholdWaiters();
  #waiting: RoomEvent[] = [];
  #isTrying = false;

  constructor(output: Output, matcher: PatternMatcher) {
    this.#output = output;
    this.#matcher = matcher;
  }

  /** The first message that matches; rejects when one cannot be tried. */
  get found(): Promise<RoomEvent> {
    return this.#found.promise;
  }

  show(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind !== "event") writeLine(this.#output, line);
      // A text that was deleted, or edited since, is no text.
      else if ((line.event.content ?? "") !== "") this.#waiting.push(line.event);
    }
    if (!this.#isTrying) void this.#tryAll();
  }

  /** Resolves when more messages can be taken; undefined when they can. */
  whenRoom(): Promise<void> | undefined {
    if (this.#waiting.length < MOST_WAITING) return undefined;
    return this.#waiters.whenBelow(MOST_WAITING);
  }

  async #tryAll(): Promise<void> {
    this.#isTrying = true;
    try {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
        this.#waiters.update(this.#waiting.length);
        if (!await this.#matcher.matches(event.content ?? "")) continue;
        // What comes behind it is not tried.
        return this.#found.resolve(event);
      }
      this.#isTrying = false;
    } catch (error) {
      this.#found.reject(error);
    }
  }
}
