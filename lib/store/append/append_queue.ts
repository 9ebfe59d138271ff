// The drafts that wait for the store, first come first served: how many may wait and for how long. Answers
// are given in the order of the drafts, even when a later outcome is known first, except to drafts set
// apart. Knows no database.

import { Buffer } from "node:buffer";
import { HeadQueue } from "../../collections/head_queue.ts";
import { type Deadline, RUNTIME_TIMERS, startDeadline, type Timers } from "../../time.ts";
import type { Appended, Draft } from "../records.ts";
import { isStorable } from "./storable_drafts.ts";

export interface AppendQueueLimits {
  /** Drafts of one batch. */
  readonly batch: number;
  /** Bytes of text of one batch, unless a single draft has more. */
  readonly batchBytes: number;
  /** Drafts that may wait; the next one is answered `unavailable`. */
  readonly pending: number;
  /** Bytes of text that may wait. */
  readonly pendingBytes: number;
  /** Milliseconds after which a draft that is not known to be stored is answered `unavailable`. */
  readonly waitMs: number;
}

/** One call of `add`. */
interface AppendRequest {
  readonly answers: Appended[];
  left: number;
  readonly resolve: (answers: readonly Appended[]) => void;
}

/** A draft in the queue. Only the queue changes it. */
export interface QueuedDraft {
  readonly draft: Draft;
  readonly request: AppendRequest;
  /** Which of the request's drafts it is. */
  readonly slot: number;
  /** When it was added, monotonic milliseconds. */
  readonly since: number;
  /** The bytes of its text. */
  readonly bytes: number;
  /** Whether it counts as pending; not when it was refused as it was added. */
  readonly isCounted: boolean;
  /** Its outcome, once that is known; it is given when all drafts before it have theirs. */
  answer: Appended | undefined;
  isAnswered: boolean;
  /** Whether it is set apart: no other draft's answer waits for its own. */
  isApart: boolean;
}

const UNAVAILABLE: Appended = { refused: "unavailable" };
const UNSTORABLE: Appended = { refused: "internal" };

export class AppendQueue implements Disposable {
  readonly #limits: AppendQueueLimits;
  readonly #timers: Timers;
  /** In the order added. */
  readonly #waiting = new HeadQueue<QueuedDraft>();
  /** The batch taken last, older than all that wait; those before `#nextToAnswer` are answered. */
  #batch: readonly QueuedDraft[] = [];
  #nextToAnswer = 0;
  /** In the order in which they were set apart. */
  readonly #apart = new Set<QueuedDraft>();
  #apartBytes = 0;
  #pending = 0;
  #pendingBytes = 0;
  /** Runs while a draft waits, and then to its end. */
  #timer: Deadline | undefined;
  #isClosed = false;

  constructor(limits: AppendQueueLimits, timers: Timers = RUNTIME_TIMERS) {
    this.#limits = limits;
    this.#timers = timers;
  }

  /** How many drafts wait for their answer. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether there is no batch to be taken; the last one may still wait for its answers. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves to the answers, in the order of the drafts, when all are known. Never rejects. */
  add(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      const request = { answers: new Array<Appended>(drafts.length), left: drafts.length, resolve };
      const since = this.#timers.monotonic();
      drafts.forEach((draft, slot) => this.#enqueue(draft, { request, slot, since }));
      this.#timer ??= this.#startTimer(this.#limits.waitMs);
    });
  }

  /** Takes the next batch: as many of the oldest drafts without an outcome as the limits allow. */
  take(): readonly QueuedDraft[] {
    const { batch: most, batchBytes } = this.#limits;
    const batch: QueuedDraft[] = [];
    const open: QueuedDraft[] = [];
    let bytes = 0;
    for (
      let queued = this.#waiting.peek();
      queued !== undefined;
      this.#waiting.shift(), queued = this.#waiting.peek()
    ) {
      if (queued.isAnswered) continue;
      if (queued.answer === undefined) {
        bytes += queued.bytes;
        if (open.length === most || (open.length > 0 && bytes > batchBytes)) break;
        open.push(queued);
      }
      batch.push(queued);
    }
    this.#batch = batch;
    this.#nextToAnswer = 0;
    this.#answerSettled();
    return open;
  }

  /** Sets the outcome of a draft that was taken or set apart, unless its time is up already. */
  settle(queued: QueuedDraft, answer: Appended): void {
    queued.answer ??= answer;
    if (queued.isApart) this.#answer(queued, queued.answer);
    else this.#answerSettled();
  }

  /**
   * Sets drafts of the batch taken last apart: no other draft's answer waits for theirs.
   *
   * @param options.share which part of the pending drafts and bytes that are allowed may be set apart
   * @returns those that are; the rest is answered `unavailable`
   */
  setApart(
    drafts: readonly QueuedDraft[],
    { share = 1 }: { share?: number } = {},
  ): readonly QueuedDraft[] {
    const { pending, pendingBytes } = this.#limits;
    const waiting = [];
    for (const queued of drafts) {
      if (queued.isAnswered) continue;
      queued.isApart = true;
      this.#apart.add(queued);
      this.#apartBytes += queued.bytes;
      const isFull = this.#apart.size > pending * share ||
        (this.#apart.size > 1 && this.#apartBytes > pendingBytes * share);
      if (isFull) this.#answer(queued, UNAVAILABLE);
      else waiting.push(queued);
    }
    this.#answerSettled();
    return waiting;
  }

  /** Refuses all that is added from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /** Ends the timer. Every draft must have its outcome. */
  [Symbol.dispose](): void {
    this.close();
    this.#timer?.clear();
  }

  #enqueue(draft: Draft, asked: Pick<QueuedDraft, "request" | "slot" | "since">): void {
    const { request, slot, since } = asked;
    const bytes = Buffer.byteLength(draft.body.content);
    let answer: Appended | undefined;
    if (!isStorable(draft, bytes)) answer = UNSTORABLE;
    else if (!this.#hasRoomFor(bytes)) answer = UNAVAILABLE;
    const isCounted = answer === undefined;
    if (isCounted) {
      this.#pending++;
      this.#pendingBytes += bytes;
    }
    this.#waiting.push({
      draft,
      request,
      slot,
      since,
      bytes,
      isCounted,
      answer,
      isAnswered: false,
      isApart: false,
    });
  }

  #hasRoomFor(bytes: number): boolean {
    return !this.#isClosed && this.#pending < this.#limits.pending &&
      this.#pendingBytes + bytes <= this.#limits.pendingBytes;
  }

  #answerSettled(): void {
    for (; this.#nextToAnswer < this.#batch.length; this.#nextToAnswer++) {
      const queued = this.#batch[this.#nextToAnswer];
      if (queued?.isAnswered || queued?.isApart) continue;
      if (queued?.answer === undefined) return;
      this.#answer(queued, queued.answer);
    }
  }

  #answer(queued: QueuedDraft, answer: Appended): void {
    if (queued.isAnswered) return;
    queued.answer = answer;
    queued.isAnswered = true;
    if (this.#apart.delete(queued)) this.#apartBytes -= queued.bytes;
    if (queued.isCounted) {
      this.#pending--;
      this.#pendingBytes -= queued.bytes;
    }
    const { request, slot } = queued;
    request.answers[slot] = answer;
    if (--request.left === 0) request.resolve(request.answers);
  }

  /** Answers drafts that have waited too long, and all that were added before them. */
  #expire(): void {
    this.#timer = undefined;
    const deadline = this.#timers.monotonic() - this.#limits.waitMs;
    const oldest = [this.#apart, this.#unanswered()].flatMap((drafts) =>
      this.#expireIn(drafts, deadline)
    );
    if (oldest.length > 0) this.#timer = this.#startTimer(Math.min(...oldest) - deadline);
    this.#answerSettled();
  }

  /** @returns since when the oldest draft that is left waits; nothing when none is left */
  #expireIn(drafts: Iterable<QueuedDraft>, deadline: number): readonly number[] {
    for (const queued of drafts) {
      if (queued.since > deadline) return [queued.since];
      this.#answer(queued, queued.answer ?? UNAVAILABLE);
    }
    return [];
  }

  *#unanswered(): Iterable<QueuedDraft> {
    const isWaiting = ({ isAnswered, isApart }: QueuedDraft) => !isAnswered && !isApart;
    yield* this.#batch.filter(isWaiting);
    yield* Array.from(this.#waiting).filter(isWaiting);
  }

  #startTimer(ms: number): Deadline {
    return startDeadline(() => this.#expire(), { ms, timers: this.#timers });
  }
}
