// The drafts that wait for the store, first come first served: how many may wait, for how long, and
// that answers are told in the order asked, whatever becomes known first; but for those set apart.
// Knows no database.

import { type Deadline, startDeadline } from "../../time.ts";
import { Buffer } from "node:buffer";
import type { Appended, Draft } from "../repository.ts";

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
interface Request {
  readonly answers: Appended[];
  left: number;
  readonly resolve: (answers: readonly Appended[]) => void;
}

/** A draft's place in the line. Only the line changes it. */
export interface QueuedDraft {
  readonly draft: Draft;
  readonly request: Request;
  /** Which of the request's drafts it is. */
  readonly slot: number;
  /** When it came, on the monotonic clock. */
  readonly since: number;
  /** Of its text. */
  readonly bytes: number;
  /** Whether it takes up room; not when it was refused as it came. */
  readonly isCounted: boolean;
  /** What has become of it, once that is decided; it is told when all before it are. */
  answer: Appended | undefined;
  isTold: boolean;
  /** Whether it waits apart: no other waits for it. */
  isApart: boolean;
}

const UNAVAILABLE: Appended = { refused: "unavailable" };
const UNSTORABLE: Appended = { refused: "internal" };
/** What the columns of every store hold. */
const MOST_BYTES = { content: 65_535, cid: 64 };

export class AppendQueue implements Disposable {
  readonly #limits: AppendQueueLimits;
  /** In the order asked; those before `#next` have left. */
  #places: QueuedDraft[] = [];
  #next = 0;
  /** The batch taken last, older than all in the line; those before `#nextToTell` are told. */
  #batch: readonly QueuedDraft[] = [];
  #nextToTell = 0;
  /** In the order in which they were set apart. */
  readonly #apart = new Set<QueuedDraft>();
  #apartBytes = 0;
  #pending = 0;
  #pendingBytes = 0;
  /** Runs while anything waits, and then to its end. */
  #timer: Deadline | undefined;
  #isClosed = false;

  constructor(limits: AppendQueueLimits) {
    this.#limits = limits;
  }

  /** How many drafts wait for their answer. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether there is no batch to be taken; the last one may still wait for its answers. */
  get isEmpty(): boolean {
    return this.#next === this.#places.length;
  }

  /** The answers, in the order of the drafts, when all have been decided. Never rejects. */
  add(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      const request = { answers: new Array<Appended>(drafts.length), left: drafts.length, resolve };
      const since = performance.now();
      drafts.forEach((draft, slot) => this.#place(draft, { request, slot, since }));
      this.#timer ??= this.#wakeIn(this.#limits.waitMs);
    });
  }

  /** The next batch: the undecided ones at the front, as far as the limits go. */
  take(): readonly QueuedDraft[] {
    const { batch: most, batchBytes } = this.#limits;
    const batch: QueuedDraft[] = [];
    const open: QueuedDraft[] = [];
    let bytes = 0;
    for (; this.#next < this.#places.length; this.#next++) {
      const place = this.#places[this.#next];
      if (place === undefined || place.isTold) continue;
      if (place.answer === undefined) {
        bytes += place.bytes;
        if (open.length === most || (open.length > 0 && bytes > batchBytes)) break;
        open.push(place);
      }
      batch.push(place);
    }
    if (this.#next > this.#places.length / 2) {
      this.#places = this.#places.slice(this.#next);
      this.#next = 0;
    }
    this.#batch = batch;
    this.#nextToTell = 0;
    this.#tellDecided();
    return open;
  }

  /**
   * Decides one of the batch taken last, or one set apart; who has waited too long has been decided
   * already.
   */
  settle(place: QueuedDraft, answer: Appended): void {
    place.answer ??= answer;
    if (place.isApart) this.#tell(place, place.answer);
    else this.#tellDecided();
  }

  /**
   * Lets some of the batch taken last wait by themselves; their answers keep no others back.
   *
   * @param share what part of all that may wait, and of its bytes, may then wait so
   * @returns those that may; the rest is answered `unavailable`
   */
  setApart(
    places: readonly QueuedDraft[],
    { share = 1 }: { share?: number } = {},
  ): readonly QueuedDraft[] {
    const { pending, pendingBytes } = this.#limits;
    const waiting = [];
    for (const place of places) {
      if (place.isTold) continue;
      place.isApart = true;
      this.#apart.add(place);
      this.#apartBytes += place.bytes;
      const isFull = this.#apart.size > pending * share ||
        (this.#apart.size > 1 && this.#apartBytes > pendingBytes * share);
      if (isFull) this.#tell(place, UNAVAILABLE);
      else waiting.push(place);
    }
    this.#tellDecided();
    return waiting;
  }

  /** Refuses all that is added from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /** Ends the timer. All must have been decided. */
  [Symbol.dispose](): void {
    this.close();
    this.#timer?.clear();
  }

  #place(draft: Draft, asked: Pick<QueuedDraft, "request" | "slot" | "since">): void {
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
    this.#places.push({
      draft,
      request,
      slot,
      since,
      bytes,
      isCounted,
      answer,
      isTold: false,
      isApart: false,
    });
  }

  #hasRoomFor(bytes: number): boolean {
    return !this.#isClosed && this.#pending < this.#limits.pending &&
      this.#pendingBytes + bytes <= this.#limits.pendingBytes;
  }

  #tellDecided(): void {
    for (; this.#nextToTell < this.#batch.length; this.#nextToTell++) {
      const place = this.#batch[this.#nextToTell];
      if (place?.isTold || place?.isApart) continue;
      if (place?.answer === undefined) return;
      this.#tell(place, place.answer);
    }
  }

  #tell(place: QueuedDraft, answer: Appended): void {
    if (place.isTold) return;
    place.answer = answer;
    place.isTold = true;
    if (this.#apart.delete(place)) this.#apartBytes -= place.bytes;
    if (place.isCounted) {
      this.#pending--;
      this.#pendingBytes -= place.bytes;
    }
    const { request, slot } = place;
    request.answers[slot] = answer;
    if (--request.left === 0) request.resolve(request.answers);
  }

  /** Tells those who have waited too long, and all before them in their line. */
  #expire(): void {
    this.#timer = undefined;
    const deadline = performance.now() - this.#limits.waitMs;
    const oldest = [this.#apart, this.#untold()].flatMap((line) => this.#expireIn(line, deadline));
    if (oldest.length > 0) this.#timer = this.#wakeIn(Math.min(...oldest) - deadline);
    this.#tellDecided();
  }

  /** @returns since when the first waits that is left; nothing when none is */
  #expireIn(line: Iterable<QueuedDraft>, deadline: number): readonly number[] {
    for (const place of line) {
      if (place.since > deadline) return [place.since];
      this.#tell(place, place.answer ?? UNAVAILABLE);
    }
    return [];
  }

  *#untold(): Iterable<QueuedDraft> {
    const isWaiting = ({ isTold, isApart }: QueuedDraft) => !isTold && !isApart;
    yield* this.#batch.filter(isWaiting);
    yield* this.#places.slice(this.#next).filter(isWaiting);
  }

  #wakeIn(ms: number): Deadline {
    return startDeadline(() => this.#expire(), { ms });
  }
}

/** Whether every store gives back exactly this: U+0000 and half a surrogate pair would be changed. */
function isStorable(draft: Draft, contentBytes: number): boolean {
  const { body: { content }, cid } = draft;
  if (contentBytes > MOST_BYTES.content || !isPlain(content)) return false;
  return cid === undefined ||
    (cid !== "" && Buffer.byteLength(cid) <= MOST_BYTES.cid && isPlain(cid));
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
