// Delivers events to all members of an audience: each batch encoded at most once and shared, in one order
// for each audience, in paced turns. Knows no connection.

import { HeadQueue } from "../collections/head_queue.ts";
import type { ServerFrame } from "../wire/frame.ts";
import { type Batch, EventBatch } from "./event_batch.ts";

/** A receiver of events: a connection in any dialect, a console. */
export interface Member {
  /**
   * Must return at once and must not throw. `batch` is shared by all members, and valid during this
   * call only: its lines may be kept, it itself may not. True when this started a write; the fan-out
   * counts those.
   */
  deliver(batch: Batch): boolean;
}

/** Runs `work` in the next turn of the event loop: setImmediate, or a test's own. */
export type Schedule = (work: () => void) => void;

/**
 * How many writes one turn starts at most. The runtime completes about 128 operations a poll; what is
 * above stays pending although the socket could take it, and the last members starve.
 */
const WRITES_PER_TURN = 100;

/** A delivery of about this size is closed to further events, in UTF-16 units. */
const LARGEST_DELIVERY = 64 * 1024;

/**
 * A batch on its way to the members of the time when its events were published. Until its first member
 * is served it is open: further events of the audience join it. A write costs the same whatever it
 * carries, so the longer the queue, the more events a write has, and the less an event costs.
 */
class Delivery {
  readonly #members: readonly Member[];
  readonly #batch = new EventBatch();
  #isOpen = true;
  #next = 0;

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#batch.units < LARGEST_DELIVERY;
  }

  get isDone(): boolean {
    return this.#next === this.#members.length;
  }

  add(event: ServerFrame): void {
    this.#batch.add(event);
  }

  /** Serves members until all are or this starts as many writes; returns how many it started. */
  serve(mostWrites: number): number {
    this.#isOpen = false;
    const members = this.#members;
    const batch = this.#batch;
    let next = this.#next;
    let writes = 0;
    while (next < members.length && writes < mostWrites) {
      if ((members[next++] as Member).deliver(batch)) writes++;
    }
    this.#next = next;
    if (this.isDone) batch.clear();
    return writes;
  }
}

/**
 * The members that get the events of one room. An event goes to those that are members at the moment it is
 * published, also when members are added or deleted before it is delivered.
 */
export class Audience<M extends Member = Member> {
  readonly #fanout: Fanout;
  #members: M[] = [];
  readonly #indexes = new Map<M, number>();
  /** The last delivery to the members as they are now; it holds their array. */
  #latest: Delivery | undefined;

  constructor(fanout: Fanout) {
    this.#fanout = fanout;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: M): void {
    if (this.#indexes.has(member)) return;
    this.#keepMembers();
    this.#indexes.set(member, this.#members.length);
    this.#members.push(member);
  }

  delete(member: M): void {
    const index = this.#indexes.get(member);
    if (index === undefined) return;
    this.#keepMembers();
    this.#indexes.delete(member);
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[index] = last;
      this.#indexes.set(last, index);
    }
  }

  /** Delivers an event to all members, in the next turn or a later one. */
  publish(event: ServerFrame): void {
    if (this.#members.length === 0) return;
    if (!this.#latest?.isOpen) {
      this.#latest = new Delivery(this.#members);
      this.#fanout.enqueue(this.#latest);
    }
    this.#latest.add(event);
  }

  /** Delivers an event to some members, after all events before it. */
  publishTo(event: ServerFrame, isReader: (member: M) => boolean): void {
    const readers = this.#members.filter(isReader);
    if (readers.length === 0) return;
    const delivery = new Delivery(readers);
    delivery.add(event);
    this.#keepMembers();
    this.#fanout.enqueue(delivery);
  }

  /** Before the members change: a delivery under way keeps the array that it has. */
  #keepMembers(): void {
    const isHeld = this.#latest?.isDone === false;
    this.#latest = undefined;
    if (isHeld) this.#members = this.#members.slice();
  }
}

/** The one queue of a server for the deliveries of all audiences. */
export class Fanout {
  readonly #schedule: Schedule;
  readonly #writesPerTurn: number;
  readonly #queue = new HeadQueue<Delivery>();
  #scheduled = false;

  constructor(schedule: Schedule, options: { writesPerTurn?: number } = {}) {
    this.#schedule = schedule;
    this.#writesPerTurn = options.writesPerTurn ?? WRITES_PER_TURN;
  }

  enqueue(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#plan();
  }

  #plan(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#turn());
  }

  /** Serves as many members as a turn may write to, in the order of publishing. */
  #turn(): void {
    this.#scheduled = false;
    let writes = 0;
    for (
      let delivery = this.#queue.peek();
      delivery !== undefined && writes < this.#writesPerTurn;
      delivery = this.#queue.peek()
    ) {
      writes += delivery.serve(this.#writesPerTurn - writes);
      if (delivery.isDone) this.#queue.shift();
    }
    if (this.#queue.length > 0) this.#plan();
  }
}
