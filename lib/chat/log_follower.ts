// Follows the log of one room: every event in the store is delivered once, in the order of seq, from any
// server. Knows no members, no cluster and no SQL.

import type { Messages } from "../store/repository.ts";
import type { Appended, Draft, RoomRecord, StoredEvent } from "../store/records.ts";
import type { RoomEvent } from "../wire/event.ts";
import { toEvent } from "./event_frames.ts";

/** How many events a catch-up reads at once. */
const CATCH_UP_PAGE = 100;

type Stored = Extract<Appended, { seq: number }>;

interface LogFollowerOptions {
  /** The room whose log it is, under the name that it has at the moment. */
  readonly room: Pick<RoomRecord, "id" | "name">;
  /** Everything up to this seq counts as delivered. */
  readonly last: number;
  readonly messages: Pick<Messages, "append" | "after">;
  /** Called with each event, in order, once. Must return at once and must not throw. */
  readonly deliver: (event: RoomEvent) => void;
  /** Called with the seq of each event that this server has stored, before the event is delivered. */
  readonly onStored: (seq: number) => void;
}

export class LogFollower {
  readonly #options: LogFollowerOptions;
  /** All events up to here are delivered. */
  #deliveredSeq: number;
  /** The highest seq that is known to be stored. */
  #storedSeq: number;
  /** The highest seq that another server says is stored. */
  #hintedSeq = 0;
  /** A hint was wrong since hints were last trusted: no further one is followed. */
  #isMisled = false;
  /** The outcome of a commit or of a read is not known: the log may be longer than `#storedSeq`. */
  #isUncertain = false;
  #inFlight = 0;
  #catchingUp: Promise<void> | undefined;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#deliveredSeq = options.last;
    this.#storedSeq = options.last;
  }

  /** All events up to this seq are delivered, and none above it. */
  get deliveredSeq(): number {
    return this.#deliveredSeq;
  }

  /** The highest seq that is known to be stored; 0 in an empty room. */
  get storedSeq(): number {
    return this.#storedSeq;
  }

  /** Whether the log may hold an event that is not delivered here. */
  get isBehind(): boolean {
    return this.#isUncertain || this.#deliveredSeq < this.#storedSeq;
  }

  /** Whether an event posted here awaits its commit: its own answer leads to its delivery. */
  get isStoring(): boolean {
    return this.#inFlight > 0;
  }

  /** Whether nothing of the log is being stored or read. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#catchingUp === undefined;
  }

  /**
   * Stores an event, then delivers it. The answer comes after the commit and before the delivery;
   * answers of one caller come in the order of its calls. Never rejects.
   */
  async post(draft: Draft): Promise<Appended> {
    this.#inFlight++;
    const [appended] = await this.#options.messages.append([draft]);
    this.#inFlight--;
    if (appended === undefined) throw new Error("The store answered no draft");
    if (!("refused" in appended)) this.#deliverStored(draft, appended);
    else if (appended.refused === "unavailable") this.#isUncertain = true;
    this.#resume();
    return appended;
  }

  /**
   * The store has events up to `seq`. Resolves when all of them are delivered.
   * @throws what the store throws
   */
  async noteStored(seq: number): Promise<void> {
    this.#storedSeq = Math.max(this.#storedSeq, seq);
    // Before the catch-up: a commit during it may be uncertain in its turn.
    this.#isUncertain = false;
    try {
      await this.#catchUp();
    } catch (error) {
      this.#isUncertain = true;
      throw error;
    }
  }

  /** The store has events up to `seq`, stored here with events of other rooms. Returns at once. */
  noteGrown(seq: number): void {
    this.#storedSeq = Math.max(this.#storedSeq, seq);
    this.#options.onStored(seq);
    this.#resume();
  }

  /** It is not known whether an event was stored here with one of another room. */
  doubt(): void {
    this.#isUncertain = true;
  }

  /** Another server says that the store has events up to `seq`. Returns at once. */
  hint(seq: number): void {
    if (this.#isMisled) return;
    this.#hintedSeq = Math.max(this.#hintedSeq, seq);
    this.#resume();
  }

  /** Follows hints again after a wrong one; for a caller that also asks the store itself. */
  trustHints(): void {
    this.#isMisled = false;
  }

  #deliverStored(draft: Draft, { seq, time, dup, body = draft.body }: Stored): void {
    this.#storedSeq = Math.max(this.#storedSeq, seq);
    if (dup) return;
    this.#options.onStored(seq);
    // After a gap, or while events before it are being read, it is delivered by the catch-up.
    if (seq !== this.#deliveredSeq + 1 || this.#catchingUp !== undefined) return;
    this.#deliver(toEvent(draft, body, { room: this.#options.room.name, seq, time }));
  }

  /** A failure is made good by the next `noteStored`, which the owner calls for a log that is behind. */
  #resume(): void {
    if (this.#deliveredSeq < this.#targetSeq) this.#catchUp().catch(() => this.#isUncertain = true);
  }

  /** Up to where to deliver now. While an event awaits its commit, its answer comes before any hint. */
  get #targetSeq(): number {
    return this.isStoring ? this.#storedSeq : Math.max(this.#storedSeq, this.#hintedSeq);
  }

  /** Delivers all up to the target; at most one such reading is under way. */
  #catchUp(): Promise<void> {
    if (this.#deliveredSeq >= this.#targetSeq) return this.#catchingUp ?? Promise.resolve();
    return this.#catchingUp ??= this.#readAndDeliver();
  }

  async #readAndDeliver(): Promise<void> {
    try {
      while (this.#deliveredSeq < this.#targetSeq) await this.#deliverPage(this.#targetSeq);
    } finally {
      // In the turn of the last look at the target: what is stored later is not left to this reading.
      this.#catchingUp = undefined;
    }
  }

  async #deliverPage(target: number): Promise<void> {
    const { messages, room } = this.#options;
    const events = await messages.after(room.id, this.#deliveredSeq, CATCH_UP_PAGE);
    if (events.length === 0) {
      if (this.#deliveredSeq < this.#storedSeq) {
        throw new Error(`Room ${room.id} lacks ${this.#deliveredSeq + 1}`);
      }
      // The store knows better than a hint.
      this.#hintedSeq = 0;
      this.#isMisled = true;
    }
    for (const event of events) {
      if (event.seq > target) break;
      this.#deliver(this.#toEvent(event));
    }
  }

  #toEvent(event: StoredEvent): RoomEvent {
    const { seq, time } = event;
    return toEvent(event, event.body, { room: this.#options.room.name, seq, time });
  }

  #deliver(event: RoomEvent): void {
    this.#deliveredSeq = event.seq;
    this.#options.deliver(event);
  }
}
