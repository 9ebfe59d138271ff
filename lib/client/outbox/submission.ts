// One text of this run, from the moment when it must not be lost until the server has answered: its file in
// the outbox, and how a command without an answer ends. Knows no connection.

import { monotonicUlid } from "@std/ulid";
import { ChatError } from "../../wire/errors.ts";
import { checkFor, type Composition } from "../message_input.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { keepText } from "../files/text_store.ts";
import { ownerOf } from "./delivery_attempt.ts";
import { type ExitReason, Failure, isTransient, toFailure } from "../exit.ts";
import type { HeldEntry, HeldUnclaimed, OutboxEntry } from "./outbox.ts";
import { describeAnswer } from "../output/wording.ts";
import type { Session } from "../link/session.ts";

/** What another operator has answered meanwhile is a part of the refusal. */
function withAnswer(error: ChatError): ChatError {
  const { event } = error.details;
  if (error.code !== "answered_meanwhile" || event === undefined) return error;
  const message = `${describeAnswer(event)}; --anyway sends yours`;
  return new ChatError(error.code, message, error.details);
}

const VERBS = { message: "send", question: "ask", answer: "send" } as const;

export interface SubmissionOptions
  extends Pick<OutboxEntry, "kind" | "room" | "to" | "anyway" | "queue"> {
  readonly composition: Composition;
  /** The word for it in sentences. */
  readonly noun: keyof typeof VERBS;
}

/** Failures after which another run may succeed. */
const KEEPING: ReadonlySet<ExitReason> = new Set(["tryAgain", "unreachable", "timeout"]);

/** A message, question or answer being sent; release it when the command is over. */
export class Submission {
  readonly #context: ClientContext;
  readonly #options: SubmissionOptions;
  readonly #cid = monotonicUlid();
  #unclaimed: HeldUnclaimed | undefined;
  #entry: HeldEntry | undefined;
  #unanswered: Failure | undefined;
  /** The last operation on the file: they run one after the other. */
  #lastOperation: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, options: SubmissionOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The text in the outbox, once its user is known. */
  get entry(): HeldEntry | undefined {
    return this.#entry;
  }

  /** Whether the text is in the outbox. */
  get isKept(): boolean {
    return this.#entry !== undefined || this.#unclaimed !== undefined;
  }

  /** Keeps the text while its user is not known; it is on the disk when this resolves. */
  keepUnclaimed(): Promise<void> {
    return this.#serially(async () => {
      if (this.isKept) return;
      const { server, identity: { name } } = this.#context;
      this.#unclaimed = await outboxOf(this.#context)
        .keepUnclaimed({ server, name, ...this.#text() });
    });
  }

  /**
   * Keeps the text as the session's user's: it may be sent when this resolves. Safe to call again.
   * @throws {Failure} usage, when this server does not take the text; then it is not kept
   */
  claim(session: Session): Promise<HeldEntry> {
    return this.#serially(async () => this.#entry ??= await this.#claim(session));
  }

  async #claim(session: Session): Promise<HeldEntry> {
    const context = this.#context;
    const { composition } = this.#options;
    const unclaimed = this.#unclaimed;
    try {
      await checkFor(session, { context, composition });
    } catch (error) {
      await this.#forget();
      throw error;
    }
    const name = session.welcome.you?.name ?? context.identity.name;
    const owner = { ...ownerOf(session, context.server), name };
    this.#unclaimed = undefined;
    return unclaimed === undefined
      ? await outboxOf(context).keep({ ...owner, ...this.#text() })
      : await outboxOf(context).claim(unclaimed, owner);
  }

  async #forget(): Promise<void> {
    await this.#unclaimed?.settle();
    this.#unclaimed = undefined;
  }

  /** The server refuses it for good: forgets it, but keeps a text from stdin in a file. */
  async refuse(error: ChatError): Promise<Failure> {
    const failure = toFailure(withAnswer(error));
    const { bytes } = this.#options.composition;
    if (bytes === undefined) {
      await this.#entry?.settle();
      return failure;
    }
    const unsent = { name: this.#cid, content: bytes };
    const path = await keepText(unsentOf(this.#context), unsent);
    await this.#entry?.settle();
    return new Failure(
      failure.reason,
      `${failure.message}; the text from stdin is kept in ${path}`,
    );
  }

  /** The failure of a command whose text is kept for the next run; the first reason counts. */
  unanswered(why: string): Failure {
    const { noun } = this.#options;
    const then = `the next run sends it first: do not ${VERBS[noun]} it again`;
    const kept = `the ${noun} is kept, and ${then}`;
    const { signal } = this.#context;
    return this.#unanswered ??= signal.aborted
      ? new Failure("interrupted", `Interrupted: ${kept}`)
      : new Failure("tryAgain", `No answer yet (${why}): ${kept}`);
  }

  /**
   * The error with which a command ends. A text without a known user is kept when another run may
   * succeed, and forgotten when it was interrupted or refused for good.
   */
  ended(error: unknown): Promise<unknown> {
    return this.#serially(async () => {
      if (this.#unclaimed === undefined || !(error instanceof Failure)) return error;
      const { cause, reason } = error;
      const mayPass = cause instanceof ChatError ? isTransient(cause) : KEEPING.has(reason);
      if (mayPass) return this.unanswered(error.message);
      await this.#forget();
      return error;
    });
  }

  /** Leaves the kept text to the next run. */
  release(): Promise<void> {
    return this.#serially(() => {
      this.#entry?.release();
      this.#unclaimed?.release();
      return Promise.resolve();
    });
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const operation = this.#lastOperation.then(work);
    this.#lastOperation = operation.catch(() => {});
    return operation;
  }

  #text(): Pick<
    OutboxEntry,
    "cid" | "kind" | "room" | "to" | "anyway" | "queue" | "content" | "time"
  > {
    const { kind, room, to, anyway, queue, composition: { text: content } } = this.#options;
    const cid = this.#cid;
    const time = this.#context.clock.now();
    return { cid, kind, room, to, anyway, queue, content, time };
  }
}
