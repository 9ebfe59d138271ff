// Asks or finds a question with choices, and waits for its end, over cuts and restarts of the server.
// Withdraws it when the asker's time is over. Knows no exit code and no output.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { type Line, notice } from "../../terminal/view_lines.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import type { ClientContext } from "../context.ts";
import { ConnectionLost, Failure, isTransient } from "../exit.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";
import { type ReconnectHandlers, withReconnects } from "../link/with_reconnects.ts";
import { ownerOf } from "../outbox/delivery_attempt.ts";
import { formatDuration } from "../output/durations.ts";
import { describeDifference } from "../output/wording.ts";
import { FOLLOW } from "../state/conversation_policies.ts";
import type {
  QuestionResult,
  QuestionRunOptions,
  QuestionSource,
  StoredQuestion,
} from "./question_source.ts";
import { withdrawQuestion } from "./withdrawal.ts";

const FEATURE = "decisions";

/** Asks or finds the question, and waits. @throws {Failure} timeout, tryAgain, interrupted, … */
export async function runQuestion(
  context: ClientContext,
  options: QuestionRunOptions,
): Promise<QuestionResult> {
  return await withReconnects(context, new QuestionRun(context, options));
}

class QuestionRun implements ReconnectHandlers<QuestionResult> {
  readonly #context: ClientContext;
  readonly #options: QuestionRunOptions;
  readonly #delay: RetryDelay;
  readonly #result = Promise.withResolvers<QuestionResult>();
  readonly #loop: ConversationLoop;
  /** Aborts when the run is over. */
  readonly #over = new AbortController();
  /** Aborts with the connection. */
  #cut = new AbortController();
  #session: Session | undefined;
  readonly #startedAt: number;
  /** Whose question it is, once it was sent: in another store its number means another one. */
  #owner: string | undefined;
  #question: StoredQuestion | undefined;
  /** Resolves when the question is stored or found, or the connection is lost. */
  #beginning: Promise<void> = Promise.resolve();
  #isSettled = false;
  #isInterrupted = false;

  constructor(context: ClientContext, options: QuestionRunOptions) {
    const { clock, random } = context;
    this.#context = context;
    this.#options = options;
    this.#delay = new RetryDelay(random);
    this.#startedAt = clock.monotonic();
    this.#loop = new ConversationLoop({
      policy: FOLLOW,
      view: { show: (lines) => this.#take(lines) },
      clock,
      random,
      ended: (failure) => this.#fail(failure),
    });
    clock.sleep(options.timeoutMs, this.#over.signal).then(() => {
      if (!this.#over.signal.aborted) void this.#endInTime();
    });
  }

  get result(): Promise<QuestionResult> {
    return this.#result.promise;
  }

  receive(frame: ServerFrame): void {
    this.#loop.receive(frame);
  }

  online(session: Session): void {
    const { identity, server } = this.#context;
    for (const line of describeDifference(session.welcome, identity)) this.#options.show(line);
    if (!session.welcome.features.includes(FEATURE)) {
      return this.#fail(new Failure("protocol", "The server is of a version without decisions"));
    }
    const owner = JSON.stringify(ownerOf(session, server));
    if (this.#owner !== undefined && this.#owner !== owner) {
      return this.#fail(new Failure("tryAgain", OTHER_OWNER));
    }
    this.#session = session;
    this.#loop.online(session);
    if (this.#question !== undefined) return;
    this.#beginning = this.#begin(session, owner).catch((error) => this.#fail(error));
  }

  offline(): void {
    this.#session = undefined;
    this.#loop.offline();
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  show(line: Line): void {
    this.#options.show(line);
  }

  interruption(): Failure {
    this.#isInterrupted = true;
    return new Failure("interrupted", "Interrupted");
  }

  /** What was interrupted is withdrawn, if there is a connection. */
  async close(): Promise<void> {
    this.#over.abort();
    if (this.#isInterrupted && !this.#isSettled) {
      this.#options.show(notice(await this.#describeWithdrawal()));
    }
    this.#cut.abort();
  }

  #fail(error: unknown): void {
    this.#isSettled = true;
    this.#result.reject(error);
  }

  #settle(result: QuestionResult): void {
    this.#isSettled = true;
    this.#result.resolve(result);
  }

  /** Asks or looks the question up, until the server has answered or the session is over. */
  async #begin(session: Session, owner: string): Promise<void> {
    const { signal } = this.#cut;
    while (!signal.aborted && this.#question === undefined) {
      try {
        this.#owner = owner;
        await this.#try(session);
      } catch (error) {
        if (error instanceof ConnectionLost) return;
        if (!(error instanceof ChatError) || !isTransient(error)) throw error;
        await this.#context.clock.sleep(this.#delay.next(error.details.afterMs), signal);
      }
    }
  }

  async #try(session: Session): Promise<void> {
    const { source, waits } = this.#options;
    if (source.kind === "known") return this.#found(await this.#lookUp(session, source.asked));
    const ok = await session.request(this.#requestOf(source));
    const { inquiry, room, seq } = ok;
    if (inquiry === undefined || room === undefined || seq === undefined) {
      throw new Failure("protocol", "The server stored the question and did not say where");
    }
    const { choices, describe } = source;
    this.#options.show(describe(ok));
    const question = { inquiry, room, seq, choices };
    this.#question = question;
    if (waits) this.#loop.follow(new Map([[room, seq]]));
    else this.#settle({ question });
  }

  /** A question that is asked late expires no later than the time of an asker who waits. */
  #requestOf(
    { content, cid, choices, needs, queue, expiresMs }: Extract<QuestionSource, { kind: "new" }>,
  ): ClientFrame<"inquiry"> {
    const { clock } = this.#context;
    const spentMs = this.#options.waits ? clock.monotonic() - this.#startedAt : 0;
    const expires_ms = Math.max(1, Math.ceil(expiresMs - spentMs));
    return { type: "inquiry", content, cid, choices, needs, expires_ms, queue };
  }

  #lookUp(session: Session, asked: object): Promise<ServerFrame<"question">> {
    return session.request({ type: "question", ...asked });
  }

  #found(status: ServerFrame<"question">): void {
    const { inquiry, room, seq = 0, choices = [], event, state } = status;
    const question = { inquiry, room, seq, choices };
    this.#question = question;
    const isOpen = choices.length > 0 && (state === "open" || state === "pending");
    if (!this.#options.waits || !isOpen) return this.#settle({ question, event, status });
    this.#loop.follow(new Map([[room, seq]]));
  }

  /** The event that ends the question; others in its room are no decision. */
  #take(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind === "failure") this.#options.show(line);
      const question = this.#question;
      if (line.kind !== "event" || question === undefined) continue;
      const { event } = line;
      const isAbout = event.room === question.room && event.of === question.seq;
      if (isAbout && isFinal(event)) this.#settle({ question, event });
      // What an operator writes back, or has chosen where several are needed, is for the person.
      else if (event.type === "response" || event.type === "decision") this.#options.show(line);
    }
  }

  async #endInTime(): Promise<void> {
    if (this.#isSettled) return;
    const { source, timeoutMs } = this.#options;
    const within = `within ${formatDuration(timeoutMs)}`;
    if (source.kind === "known") {
      const why = this.#question === undefined ? "The server did not answer" : "No decision";
      return this.#fail(new Failure("tryAgain", `${why} ${within}: nothing was withdrawn`));
    }
    if (this.#owner === undefined) {
      const message = `The server was out of reach ${within}: nothing was asked`;
      return this.#fail(new Failure("unreachable", message));
    }
    const event = await this.#withdraw();
    const question = this.#question;
    if (event !== undefined && question !== undefined) return this.#settle({ question, event });
    this.#fail(new Failure("tryAgain", `No decision ${within}, ${this.#describeUnknown()}`));
  }

  /** As `withdrawQuestion`, also of a question that is on its way just now. */
  #withdraw(): Promise<RoomEvent | undefined> {
    const session = this.#session;
    const find = () => this.#beginning.then(() => this.#question?.inquiry);
    const { clock, random } = this.#context;
    return withdrawQuestion(session, { find, clock, random });
  }

  async #describeWithdrawal(): Promise<string> {
    if (this.#options.source.kind === "known" || this.#owner === undefined) {
      return "Nothing was withdrawn";
    }
    const event = await this.#withdraw();
    if (event === undefined) return `It could not be withdrawn: ${this.#describeUnknown()}`;
    if (event.type === "decision") return `${event.from} had decided "${event.choice}" before`;
    return `The question is ${event.state}`;
  }

  #describeUnknown(): string {
    const { source } = this.#options;
    const key = source.kind === "new" ? source.cid : "";
    const where = this.#question === undefined
      ? `and it is not known whether it was asked; look later with decision --key '${key}'`
      : `and the server is out of reach; look later with decision ${this.#question.inquiry}`;
    return where;
  }
}

const OTHER_OWNER = "You are another user now, or the server's messages were replaced: " +
  "it is not known what became of the question";

/** Whether nothing comes after this event that changes the outcome. */
function isFinal({ type, state }: RoomEvent): boolean {
  return type === "closed" || (type === "decision" && state === "decided");
}
