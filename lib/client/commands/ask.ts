// `ask [TEXT]`: asks the desk and waits for the answer, over cuts and restarts of the server. What was
// asked stays asked, whatever becomes of the waiting.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, RoomEvent, ServerFrame } from "../../wire/frame.ts";
import { Backoff } from "../link/backoff.ts";
import { describeDifference } from "../output/chat_lines.ts";
import { compose, type ComposeOptions, type Composition } from "../slash/composition.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { offer, ownerOf, settleEarlier } from "../outbox/delivery.ts";
import { ChatLoop } from "../chat_loop.ts";
import { formatDuration } from "../output/duration.ts";
import { Failure, isPassing, toFailure } from "../exit.ts";
import { refusalOf } from "../output/following.ts";
import { keepConnected } from "../link/reconnect.ts";
import { isOf } from "../outbox/outbox.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";
import { describeStanding } from "../output/standing.ts";
import { Submission } from "../outbox/submission.ts";
import { describeCut, failure, type Line, notice } from "../../terminal/line.ts";
import { formatQuote } from "../../terminal/layout.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { tell } from "../output/view.ts";

export interface AskOptions extends ComposeOptions {
  readonly json: boolean;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** Whether somebody reads stderr: then one is told where one stands, otherwise only of trouble. */
  readonly isWatched: boolean;
}

/** Prints the answer. @throws {Failure} when there is none. */
export async function ask(context: ClientContext, options: AskOptions): Promise<void> {
  const composition = await compose(context, options);
  const asking = new Asking(context, { ...options, composition });
  const answer = await asking.answer();
  const columns = context.output.columnsOf("stdout");
  context.output.stdout(options.json ? safeJson(answer) + "\n" : formatAnswer(answer, columns));
}

/**
 * The text with its newlines, and nothing that could act on a terminal. A person sees by a bar before
 * each row that it is the answer and not the program that speaks.
 */
function formatAnswer({ content }: RoomEvent, columns: number | undefined): string {
  const rows = columns === undefined
    ? content.split("\n").map(safeText)
    : formatQuote(content, columns).map(({ text }) => text);
  return rows.map((row) => `${row}\n`).join("");
}

class Asking {
  readonly #context: ClientContext;
  readonly #options: AskOptions;
  /** The question and, until it has its `ok`, its file. */
  readonly #submission: Submission;
  readonly #delay: RetryDelay;
  readonly #stop = new AbortController();
  readonly #answer = Promise.withResolvers<RoomEvent>();
  readonly #dialogue: ChatLoop;
  /** The question's place, once it is stored. */
  #stored: { readonly room: string; readonly seq: number } | undefined;
  /** The tries to ask, one connection's after the other's. */
  #offering: Promise<void> = Promise.resolve();
  /** Aborts with the connection. */
  #cut = new AbortController();
  /** Whether what earlier runs have left has its answer. */
  #isSettled = false;
  #toldReason: string | undefined;
  readonly #told = new Set<string>();

  constructor(context: ClientContext, options: AskOptions & { composition: Composition }) {
    this.#context = context;
    this.#options = options;
    const { composition } = options;
    this.#submission = new Submission(context, {
      kind: "inquiry",
      room: "the desk",
      composition,
      noun: "question",
    });
    const { clock, random } = context;
    this.#delay = new RetryDelay(random);
    const view = { show: (lines: readonly Line[]) => this.#show(lines) };
    this.#dialogue = new ChatLoop({ mode: "follow", view, clock, random });
  }

  /** Asks, and waits. @throws {Failure} */
  async answer(): Promise<RoomEvent> {
    const { connect, identity, clock, random, signal } = this.#context;
    const interrupted = () => this.#fail(this.#interruption());
    signal.addEventListener("abort", interrupted);
    if (signal.aborted) interrupted();
    clock.sleep(this.#options.timeoutMs, this.#stop.signal)
      .then(() => this.#fail(this.#lateness()));
    const linked = keepConnected({
      connect,
      identity,
      clock,
      backoff: new Backoff(random),
      signal: this.#stop.signal,
      receive: (frame, request) => this.#receive(frame, request),
      online: (session) => this.#online(session),
      offline: (reason, retryMs) => this.#offline(reason, retryMs),
    });
    linked.catch((error) => this.#fail(error));
    try {
      return await this.#answer.promise;
    } catch (error) {
      if (error instanceof ChatError && isPassing(error)) await this.#submission.keepUnclaimed();
      throw await this.#submission.ended(toFailure(error));
    } finally {
      this.#stop.abort();
      this.#cut.abort();
      signal.removeEventListener("abort", interrupted);
      await linked.catch(() => {});
      await this.#offering;
      await this.#submission.letGo();
    }
  }

  #fail(error: unknown): void {
    this.#answer.reject(error);
  }

  #receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    this.#dialogue.receive(frame, request);
    const refused = refusalOf(frame, request);
    if (refused !== undefined) this.#fail(refused);
  }

  #online(session: Session): void {
    const { identity, server } = this.#context;
    this.#toldReason = undefined;
    this.#tell(describeDifference(session.welcome, identity));
    // As another user, or where the messages are others, the room's number means another inquiry.
    const { entry } = this.#submission;
    const isOurs = entry === undefined || isOf(ownerOf(session, server), entry);
    if (!isOurs) return this.#fail(this.#strangeness());
    this.#dialogue.online(session);
    this.#offering = this.#offering.then(() => this.#offer(session))
      .catch((error) => this.#fail(error));
  }

  #offline(reason: string, retryMs: number): void {
    this.#dialogue.offline();
    this.#cut.abort();
    this.#cut = new AbortController();
    if (this.#stored === undefined) {
      this.#submission.keepUnclaimed().catch((error) => this.#fail(error));
    }
    if (reason === this.#toldReason) return;
    this.#toldReason = reason;
    tell(this.#context.output, failure(describeCut(reason, retryMs)));
  }

  /** Asks under one `cid`, until it is known that the question is stored, or the session is over. */
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
    this.#tell([notice(describeStanding(outcome.ok))]);
    this.#dialogue.follow(new Map([[room, seq]]));
    return undefined;
  }

  /** Whether everything that earlier runs have left has its answer. */
  async #settleEarlier(session: Session): Promise<boolean> {
    if (this.#isSettled) return true;
    const context = this.#context;
    const owner = ownerOf(session, context.server);
    const askedAs = context.identity.name;
    const options = { outbox: outboxOf(context), owner, askedAs, unsent: unsentOf(context) };
    const { lines, open } = await settleEarlier(session, options);
    this.#tell(lines);
    this.#isSettled = open === undefined;
    return this.#isSettled;
  }

  /** Tells each line once: trouble to everyone, anything else to whoever watches. */
  #tell(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind === "event" || this.#told.has(line.text)) continue;
      this.#told.add(line.text);
      if (line.kind === "failure" || this.#options.isWatched) tell(this.#context.output, line);
    }
  }

  /** A response to the question is its answer; others are to other questions of the inquiry. */
  #show(lines: readonly Line[]): void {
    this.#tell(lines.filter(({ kind }) => kind === "failure"));
    for (const line of lines) {
      if (line.kind === "event" && this.#isAnswer(line.event)) this.#answer.resolve(line.event);
    }
  }

  #isAnswer(event: RoomEvent): boolean {
    const stored = this.#stored;
    if (event.type !== "response" || stored === undefined || event.room !== stored.room) {
      return false;
    }
    const { seq, to } = event;
    // A server of an earlier version does not say to which.
    return to === undefined ? seq > stored.seq : to === stored.seq;
  }

  #lateness(): Failure {
    const waited = `No answer within ${formatDuration(this.#options.timeoutMs)}`;
    if (this.#stored !== undefined) {
      return new Failure("timeout", `${waited}: ${keptAs(this.#stored)}`);
    }
    if (!this.#submission.isKept) return new Failure("timeout", `${waited}; nothing was asked`);
    return this.#submission.unanswered(`none within ${formatDuration(this.#options.timeoutMs)}`);
  }

  #interruption(): Failure {
    const where = this.#stored !== undefined
      ? `: ${keptAs(this.#stored)}`
      : this.#submission.entry === undefined
      ? ""
      : `: ${KEPT}`;
    return new Failure("interrupted", `Interrupted${where}`);
  }

  #strangeness(): Failure {
    const why = "You are another user now, or the server's messages were replaced";
    if (this.#stored !== undefined) {
      return new Failure("refused", `${why}: ${this.#stored.room} can no longer be heard`);
    }
    const { entry } = this.#submission;
    const path = entry === undefined ? "" : outboxOf(this.#context).pathOf(entry);
    return new Failure("tryAgain", `${why}: the question is kept in ${path}, and not sent`);
  }
}

const KEPT = "the question is kept, and the next run settles it first: do not ask it again";

function keptAs({ room }: { readonly room: string }): string {
  return `the question is kept as ${room}; look later with history '${room}' or tail '${room}'`;
}
