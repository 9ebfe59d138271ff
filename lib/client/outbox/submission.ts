// One text of this run, from the moment it must not be lost until it has its answer: its file in the
// outbox, and how a command ends that has got no answer. Knows no connection.

import { monotonicUlid } from "@std/ulid";
import { ChatError } from "../../wire/errors.ts";
import { checkFor, type Composition } from "../slash/message_text.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { keepText, ownerOf } from "./delivery.ts";
import { type ExitReason, Failure, isTransient, toFailure } from "../exit.ts";
import type { HeldEntry, HeldUnclaimed, OutboxEntry } from "./outbox.ts";
import type { Session } from "../link/session.ts";

const VERBS = { message: "send", question: "ask" } as const;

export interface SubmissionOptions extends Pick<OutboxEntry, "kind" | "room"> {
  readonly composition: Composition;
  /** What people call it, and what they do with it. */
  readonly noun: keyof typeof VERBS;
}

/** Ends that may pass: another run may fare better. */
const KEEPING: ReadonlySet<ExitReason> = new Set(["tryAgain", "unreachable", "timeout"]);

/** A message or question on its way; let go of it when the command is over. */
export class Submission {
  readonly #context: ClientContext;
  readonly #options: SubmissionOptions;
  readonly #cid = monotonicUlid();
  #unclaimed: HeldUnclaimed | undefined;
  #entry: HeldEntry | undefined;
  #unanswered: Failure | undefined;
  /** What is done to the file, one thing after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, options: SubmissionOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The text in the outbox, once it is known whose it is. */
  get entry(): HeldEntry | undefined {
    return this.#entry;
  }

  /** Whether the text is in the outbox. */
  get isKept(): boolean {
    return this.#entry !== undefined || this.#unclaimed !== undefined;
  }

  /** Keeps the text while nobody knows whose it will be; it is on the disk when this resolves. */
  keepUnclaimed(): Promise<void> {
    return this.#inTurn(async () => {
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
    return this.#inTurn(async () => this.#entry ??= await this.#claim(session));
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

  /** The server will never store it: forgets it, but for what came from stdin and is nowhere else. */
  async refuse(error: ChatError): Promise<Failure> {
    const failure = toFailure(error);
    const { bytes } = this.#options.composition;
    if (bytes === undefined) {
      await this.#entry?.settle();
      return failure;
    }
    const unsent = { name: this.#cid, content: bytes };
    const path = await keepText(unsentOf(this.#context), unsent);
    await this.#entry?.settle();
    return new Failure(failure.reason, `${failure.message}; what stdin held is kept in ${path}`);
  }

  /** How a command ends whose text is kept for the next run; the first reason counts. */
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
   * How a command ends by this error. A text that was kept before it was known whose it is stays so
   * when the error may pass, and is forgotten when it was interrupted or refused for good.
   */
  ended(error: unknown): Promise<unknown> {
    return this.#inTurn(async () => {
      if (this.#unclaimed === undefined || !(error instanceof Failure)) return error;
      const { cause, reason } = error;
      const mayPass = cause instanceof ChatError ? isTransient(cause) : KEEPING.has(reason);
      if (mayPass) return this.unanswered(error.message);
      await this.#forget();
      return error;
    });
  }

  /** Leaves what is kept to the next run. */
  letGo(): Promise<void> {
    return this.#inTurn(() => {
      this.#entry?.letGo();
      this.#unclaimed?.letGo();
      return Promise.resolve();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #text(): Pick<OutboxEntry, "cid" | "kind" | "room" | "content" | "time"> {
    const { kind, room, composition: { text: content } } = this.#options;
    const cid = this.#cid;
    const time = this.#context.clock.now();
    return { cid, ...(kind === undefined ? {} : { kind }), room, content, time };
  }
}
