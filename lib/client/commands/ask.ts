// `ask [TEXT]`: asks the desk and waits for the answer, over cuts and restarts of the server. A
// question that is stored stays asked, however the wait ends.

import { ChatError } from "../../wire/errors.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { formatQuote } from "../../terminal/layout.ts";
import { type Line, notice } from "../../terminal/view_lines.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import { type ClientContext, outboxOf } from "../context.ts";
import { Failure, isTransient } from "../exit.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";
import { type ReconnectHandlers, withReconnects } from "../link/with_reconnects.ts";
import { offer, ownerOf } from "../outbox/delivery_attempt.ts";
import { earlierOf, settleEarlier } from "../outbox/earlier_messages.ts";
import { isOf } from "../outbox/outbox.ts";
import { Submission } from "../outbox/submission.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { formatDuration } from "../output/durations.ts";
import { describeDifference, describeStanding } from "../output/wording.ts";
import { compose, type ComposeOptions, type Composition } from "../message_input.ts";
import { FOLLOW } from "../state/conversation_policies.ts";

export interface AskOptions extends ComposeOptions {
  /** The name of the queue. */
  readonly queue?: string | undefined;
  readonly json: boolean;
  /** How long to wait for an answer. */
  readonly timeoutMs: number;
  /** Whether a person reads stderr: then the position in the queue is shown, too. */
  readonly isWatched: boolean;
}

/** Prints the answer. @throws {Failure} when there is none. */
export async function ask(context: ClientContext, options: AskOptions): Promise<void> {
  const composition = await compose(context, options);
  const answer = await new AskRun(context, { ...options, composition }).run();
  const columns = context.output.columnsOf("stdout");
  context.output.stdout(options.json ? safeJson(answer) + "\n" : formatAnswer(answer, columns));
}

/**
 * The text with its newlines, and nothing that could act on a terminal. In a terminal a bar before
 * each row shows that it is the answer and no text of the program.
 */
function formatAnswer({ content = "" }: RoomEvent, columns: number | undefined): string {
  const rows = columns === undefined
    ? content.split("\n").map(safeText)
    : formatQuote(content, columns).map(({ text }) => text);
  return rows.map((row) => `${row}\n`).join("");
}

class AskRun implements ReconnectHandlers<RoomEvent> {
  readonly #context: ClientContext;
  readonly #options: AskOptions;
  /** The question and, until it has its `ok`, its file. */
  readonly #submission: Submission;
  readonly #delay: RetryDelay;
  readonly #answer = Promise.withResolvers<RoomEvent>();
  readonly #loop: ConversationLoop;
  readonly timeout: { readonly ms: number; readonly failure: () => Failure };
  /** The question's position, once it is stored. */
  #stored: { readonly room: string; readonly seq: number } | undefined;
  /** The tries to ask: those of a connection follow those of the connection before. */
  #offering: Promise<void> = Promise.resolve();
  /** Aborts with the connection. */
  #cut = new AbortController();
  /** Whether every message that earlier runs have left has its answer. */
  #areEarlierSettled = false;
  readonly #shown = new Set<string>();

  constructor(context: ClientContext, options: AskOptions & { composition: Composition }) {
    this.#context = context;
    this.#options = options;
    const { composition, timeoutMs, queue } = options;
    this.#submission = new Submission(context, {
      kind: "inquiry",
      room: "the desk",
      queue,
      composition,
      noun: "question",
    });
    const { clock, random } = context;
    this.#delay = new RetryDelay(random);
    this.timeout = { ms: timeoutMs, failure: () => this.#timeoutFailure() };
    const view = { show: (lines: readonly Line[]) => this.#take(lines) };
    const ended = (failure: Failure) => this.#fail(failure);
    this.#loop = new ConversationLoop({ policy: FOLLOW, view, clock, random, ended });
  }

  get result(): Promise<RoomEvent> {
    return this.#answer.promise;
  }

  /** Asks, and waits. @throws {Failure} */
  async run(): Promise<RoomEvent> {
    try {
      return await withReconnects(this.#context, this);
    } catch (error) {
      const cause = error instanceof Failure ? error.cause : undefined;
      if (cause instanceof ChatError && isTransient(cause)) await this.#submission.keepUnclaimed();
      throw await this.#submission.ended(error);
    } finally {
      await this.#offering;
      await this.#submission.release();
    }
  }

  receive(frame: ServerFrame): void {
    this.#loop.receive(frame);
  }

  online(session: Session): void {
    const { identity, server } = this.#context;
    this.#showOnce(describeDifference(session.welcome, identity));
    // As another user, or where the messages are others, the room's number means another inquiry.
    const { entry } = this.#submission;
    const isOurs = entry === undefined || isOf(ownerOf(session, server), entry);
    if (!isOurs) return this.#fail(this.#ownerChangedFailure());
    this.#loop.online(session);
    this.#offering = this.#offering.then(() => this.#offer(session))
      .catch((error) => this.#fail(error));
  }

  offline(): void {
    this.#loop.offline();
    this.#cut.abort();
    this.#cut = new AbortController();
    if (this.#stored === undefined) {
      this.#submission.keepUnclaimed().catch((error) => this.#fail(error));
    }
  }

  show(line: Line): void {
    writeLine(this.#context.output, line);
  }

  close(): Promise<void> {
    this.#cut.abort();
    return Promise.resolve();
  }

  interruption(): Failure {
    const where = this.#stored !== undefined
      ? `: ${describeKept(this.#stored)}`
      : this.#submission.entry === undefined
      ? ""
      : `: ${KEPT}`;
    return new Failure("interrupted", `Interrupted${where}`);
  }

  #fail(error: unknown): void {
    this.#answer.reject(error);
  }

  /** Asks under one `cid`, until the question is stored or the session is over. */
  async #offer(session: Session): Promise<void> {
    const { signal } = this.#cut;
    while (this.#stored === undefined && !signal.aborted) {
      const retryMs = await this.#try(session);
      if (retryMs !== undefined) await this.#context.clock.sleep(retryMs, signal);
    }
  }

  /** Asks once. Undefined when the question is stored, else how long the next try should wait. */
  async #try(session: Session): Promise<number | undefined> {
    const entry = await this.#submission.claim(session);
    if (!await this.#settleEarlier(session)) return this.#delay.next();
    const outcome = await offer(session, entry);
    if (outcome.kind === "unknown") {
      if (outcome.why === "fault") throw this.#submission.unanswered(outcome.message);
      return this.#delay.next(outcome.afterMs);
    }
    if (outcome.kind === "refused") throw await this.#submission.refuse(outcome.error);
    await entry.settle();
    const { room, seq } = outcome.ok;
    if (room === undefined || seq === undefined) {
      throw new Failure("protocol", "The server stored the question and did not say where");
    }
    this.#stored = { room, seq };
    this.#showOnce([notice(describeStanding(outcome.ok))]);
    this.#loop.follow(new Map([[room, seq]]));
    return undefined;
  }

  /** Whether every message that earlier runs have left has its answer. */
  async #settleEarlier(session: Session): Promise<boolean> {
    if (this.#areEarlierSettled) return true;
    const { lines, open } = await settleEarlier(session, earlierOf(this.#context, session));
    this.#showOnce(lines);
    this.#areEarlierSettled = open === undefined;
    return this.#areEarlierSettled;
  }

  /** Shows each line once: a failure always, anything else only where a person reads it. */
  #showOnce(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind === "event" || this.#shown.has(line.text)) continue;
      this.#shown.add(line.text);
      if (line.kind === "failure" || this.#options.isWatched) this.show(line);
    }
  }

  /** A response to the question is its answer; others are to other questions of the inquiry. */
  #take(lines: readonly Line[]): void {
    this.#showOnce(lines.filter(({ kind }) => kind === "failure"));
    for (const line of lines) {
      if (line.kind === "event" && this.#isAnswer(line.event)) this.#answer.resolve(line.event);
    }
  }

  #isAnswer(event: RoomEvent): boolean {
    const stored = this.#stored;
    if (event.type !== "response" || stored === undefined || event.room !== stored.room) {
      return false;
    }
    const { seq, to, deleted } = event;
    if (deleted !== undefined) return false;
    // A server of an earlier version does not say to which.
    return to === undefined ? seq > stored.seq : to === stored.seq;
  }

  #timeoutFailure(): Failure {
    const within = `within ${formatDuration(this.#options.timeoutMs)}`;
    if (this.#stored !== undefined) {
      return new Failure("timeout", `No answer ${within}: ${describeKept(this.#stored)}`);
    }
    if (this.#submission.isKept) return this.#submission.unanswered(`none ${within}`);
    return new Failure("timeout", `No answer ${within}; nothing was asked`);
  }

  #ownerChangedFailure(): Failure {
    const why = "You are another user now, or the server's messages were replaced";
    if (this.#stored !== undefined) {
      return new Failure("refused", `${why}: ${this.#stored.room} can no longer be read`);
    }
    const { entry } = this.#submission;
    const path = entry === undefined ? "" : outboxOf(this.#context).pathOf(entry);
    return new Failure("tryAgain", `${why}: the question is kept in ${path}, and not sent`);
  }
}

const KEPT = "the question is kept, and the next run sends it first: do not ask it again";

function describeKept({ room }: { readonly room: string }): string {
  return `the question is kept as ${room}; look later with history '${room}' or tail '${room}'`;
}
