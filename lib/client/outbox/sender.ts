// Sends a person's messages one after the other, in the order typed. Each is on the disk before it is first
// sent, and is sent again under its `cid` until the server has answered.

import { monotonicUlid } from "@std/ulid";
import type { SleepClock } from "../../time.ts";
import { type NoteStored, offer, type Unknown } from "./delivery_attempt.ts";
import { failure, type Line, notice } from "../../terminal/view_lines.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import {
  type HeldEntry,
  type HeldUnclaimed,
  isOf,
  type Outbox,
  type OutboxEntry,
  type Owner,
  type UnclaimedEntry,
} from "./outbox.ts";
import { describeRefusal, describeUnsent } from "./unsent_wording.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";

/** So many refused texts can be sent again. */
const REFUSED_MOST = 50;

interface SenderOptions {
  /** Whose the messages are until the user is known. */
  readonly author: Pick<OutboxEntry, "server" | "name">;
  readonly outbox: Outbox;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly show: (lines: readonly Line[]) => void;
  readonly noteStored?: NoteStored;
  /** Until when a message is kept at which the server failed: `the next run`. */
  readonly keptFor: string;
  /** `pending` has changed. */
  readonly changed: () => void;
}

interface PendingEntry {
  readonly entry: UnclaimedEntry | OutboxEntry;
  /** Whether the server may have got it. */
  isOffered: boolean;
  /** Resolves when it is on the disk. */
  readonly held: Promise<HeldEntry | HeldUnclaimed>;
}

/** An operator's answer to the question `to`. */
interface AnswerText {
  readonly content: string;
  readonly to: number | undefined;
  /** Although another operator has just answered. */
  readonly anyway?: true;
}

/** The queue of a person's messages to the server. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #delay: RetryDelay;
  #queue: readonly PendingEntry[] = [];
  #refused: readonly OutboxEntry[] = [];
  /** Resolves when the files of the messages that were taken back are gone. */
  #dropped: Promise<unknown> = Promise.resolve();
  #session: Session | undefined;
  #owner: (Owner & { readonly name: string }) | undefined;
  #isRunning = false;
  #cut = new AbortController();
  /** The message that was last reported as not sent yet. */
  #notedEntry: UnclaimedEntry | undefined;
  #emptied = Promise.withResolvers<void>();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#delay = new RetryDelay(options.random);
  }

  /** The messages without an answer, oldest first. */
  get pending(): readonly UnclaimedEntry[] {
    return this.#queue.map(({ entry }) => entry);
  }

  /** Sets the user of the messages from now on, and of those without one. */
  setOwner(owner: Owner & { readonly name: string }): void {
    this.#owner = owner;
    this.#queue = this.#queue.map((pending) =>
      "epoch" in pending.entry ? pending : this.#claim(pending, owner)
    );
  }

  #claim(pending: PendingEntry, owner: Owner & { readonly name: string }): PendingEntry {
    const held = pending.held.then((unclaimed) => this.#options.outbox.claim(unclaimed, owner));
    held.catch(() => {}); // Reported when its turn comes.
    return { ...pending, entry: { ...pending.entry, ...owner }, held };
  }

  /** A session of that owner is open: sends the pending messages. */
  online(session: Session): void {
    this.#session = session;
    this.#run().catch((error) => this.#options.show([failure(`Not sent: ${error.message}`)]));
  }

  /** The session is over: pending messages stay pending. */
  offline(): void {
    this.#session = undefined;
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  /**
   * Sends a message, now or when it can.
   * @param options.to the seq of what it replies to
   */
  send(room: string, content: string, { to }: { readonly to?: number } = {}): void {
    this.#keep({ room, to, content });
  }

  /** Asks the desk, now or when it can. */
  ask(content: string): void {
    this.#keep({ room: "the desk", kind: "inquiry", content });
  }

  /** Answers an inquiry, now or when it can: its question `to`, the last one that was shown. */
  answer(inquiry: number, { content, to, anyway }: AnswerText): void {
    this.#keep({ room: inquiryRoom(inquiry), kind: "response", to, anyway, content });
  }

  /**
   * Sends the latest answer to an inquiry that was refused because another operator had just answered;
   * none to an inquiry of another epoch.
   * @returns whether there is one
   */
  answerAnyway(inquiry: number): boolean {
    const room = inquiryRoom(inquiry);
    const owner = this.#owner;
    const refused = this.#refused.findLast((entry) =>
      entry.kind === "response" && entry.room === room && owner !== undefined && isOf(owner, entry)
    );
    if (refused === undefined) return false;
    this.#refused = this.#refused.filter((entry) => entry !== refused);
    const { content, to } = refused;
    this.answer(inquiry, { content, to, anyway: true });
    return true;
  }

  #keep(message: Pick<OutboxEntry, "room" | "kind" | "to" | "anyway" | "content">): void {
    const { outbox, clock, changed, author } = this.#options;
    const text = { cid: monotonicUlid(), ...message, time: clock.now() };
    const entry = { ...this.#owner ?? author, ...text };
    const held = this.#owner === undefined
      ? outbox.keepUnclaimed(entry)
      : outbox.keep({ ...this.#owner, ...text });
    held.catch(() => {}); // Reported when its turn comes.
    this.#queue = [...this.#queue, { entry, held, isOffered: false }];
    changed();
    this.#run().catch((error) => this.#options.show([failure(`Not sent: ${error.message}`)]));
  }

  /** The texts that the server has refused, oldest first. */
  get refused(): readonly OutboxEntry[] {
    return this.#refused;
  }

  /** Sends the refused texts again, as new messages. @returns how many */
  retry(): number {
    const again = this.discard();
    for (const { room, kind, to, anyway, content } of again) {
      this.#keep({ room, kind, to, anyway, content });
    }
    return again.length;
  }

  /** Forgets the refused texts. @returns what they were */
  discard(): readonly OutboxEntry[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  /** Drops the newest message that is not sent yet. @returns it; undefined when there is none */
  dropNewest(): UnclaimedEntry | undefined {
    const pending = this.#queue.findLast(({ isOffered }) => !isOffered);
    if (pending === undefined) return undefined;
    this.#done(pending);
    // Before the end: a later run would send it.
    this.#dropped = Promise.all([
      this.#dropped,
      pending.held.then((entry) => entry.settle()).catch(() => {}),
    ]);
    return pending.entry;
  }

  /** Waits until every message has its answer, at most `ms`; releases them. */
  async finish(ms: number): Promise<void> {
    const done = new AbortController();
    if (ms > 0 && this.#queue.length > 0) {
      const late = this.#options.clock.sleep(ms, done.signal);
      await Promise.race([late, this.#emptied.promise]);
      done.abort();
    }
    await this.#dropped;
    for (const { held } of this.#queue) await held.then((entry) => entry.release(), () => {});
  }

  /** One at a time, so that they arrive in order. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let first = this.#queue[0]; first && this.#session; first = this.#queue[0]) {
        await this.#send(first, this.#session);
      }
    } finally {
      this.#isRunning = false;
    }
    if (this.#queue.length > 0) return;
    this.#emptied.resolve();
    this.#emptied = Promise.withResolvers();
  }

  async #send(pending: PendingEntry, session: Session): Promise<void> {
    const { entry } = pending;
    let held: HeldEntry | HeldUnclaimed;
    try {
      held = await pending.held;
    } catch (error) {
      const why = error instanceof Error ? error.message : "it cannot be kept";
      return this.#done(pending, failure(describeUnsent(entry, why)));
    }
    if (this.#owner === undefined || !isOf(this.#owner, entry)) {
      held.release();
      const where = this.#options.outbox.pathOf(entry);
      const why =
        `you are another user now, or the server's messages were replaced; kept in ${where}`;
      return this.#done(pending, failure(describeUnsent(entry, why)));
    }
    if (!this.#queue.includes(pending)) return;
    pending.isOffered = true;
    const outcome = await offer(session, entry, this.#options.noteStored);
    if (outcome.kind === "unknown") return await this.#waitOut(pending, { outcome, session });
    this.#delay.reset();
    await held.settle();
    if (outcome.kind === "stored") return this.#done(pending);
    this.#refused = [...this.#refused, entry].slice(-REFUSED_MOST);
    this.#done(pending, failure(describeUnsent(entry, describeRefusal(entry, outcome.error))));
  }

  /** Waits for the next try; a message at which the server failed is left to the next run. */
  async #waitOut(
    pending: PendingEntry,
    { outcome, session }: { readonly outcome: Unknown; readonly session: Session },
  ): Promise<void> {
    const { clock, show } = this.#options;
    const { entry } = pending;
    const { why, message, afterMs } = outcome;
    if (why === "fault") {
      (await pending.held).release();
      const kept = `${message}; it is kept for ${this.#options.keptFor}`;
      return this.#done(pending, failure(describeUnsent(entry, kept)));
    }
    if (this.#session !== session) return;
    if (why === "lost") return this.offline();
    if (this.#notedEntry !== entry) {
      show([notice(`Not sent yet, tried again by itself: ${message}`)]);
    }
    this.#notedEntry = entry;
    await clock.sleep(this.#delay.next(afterMs), this.#cut.signal);
  }

  #done(pending: PendingEntry, line?: Line): void {
    this.#queue = this.#queue.filter((other) => other !== pending);
    if (line !== undefined) this.#options.show([line]);
    this.#options.changed();
  }
}
