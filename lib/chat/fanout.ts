// Hands what rooms say to all who hear them: encoded once, the same bytes for everyone, in one order
// for each room, in paced turns. Knows neither sockets nor what a line means.

/** Whoever can be told things: a session, an IRC user, another server. */
export interface Member {
  /**
   * Must return at once and must not throw. `lines` are whole lines, shared by all members: never
   * change them. True when this started a write; the fan-out counts those.
   */
  deliver(lines: Uint8Array): boolean;
}

/** Runs `work` in the next turn of the event loop: setImmediate, or a test's own. */
export type Schedule = (work: () => void) => void;

/**
 * How many writes one turn starts at most. The runtime completes about 128 operations a poll; what is
 * above stays pending although the socket could take it, and the last members starve.
 */
const WRITES_PER_TURN = 100;

/** A delivery that has grown to this is told before more is added, in UTF-16 units. */
const LARGEST_DELIVERY = 64 * 1024;

const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();

/**
 * Some lines on their way to those who are members while they are said. Until the first of them is
 * served it is open: what the room says meanwhile joins it. A write costs the same whatever it
 * carries, so the longer the queue, the more lines a write has, and the less a line costs.
 */
class Delivery {
  readonly #members: readonly Member[];
  #said = "";
  #lines: Uint8Array | undefined;
  #next = 0;

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  get isOpen(): boolean {
    return this.#lines === undefined && this.#said.length < LARGEST_DELIVERY;
  }

  get isDone(): boolean {
    return this.#next === this.#members.length;
  }

  add(line: string): void {
    this.#said += line;
  }

  /** Serves members until all are or this starts as many writes; returns how many it started. */
  serve(mostWrites: number): number {
    const lines = this.#lines ??= this.#close();
    const members = this.#members;
    let next = this.#next;
    let writes = 0;
    while (next < members.length && writes < mostWrites) {
      if ((members[next++] as Member).deliver(lines)) writes++;
    }
    this.#next = next;
    if (this.isDone) this.#lines = NOTHING;
    return writes;
  }

  #close(): Uint8Array {
    const lines = encoder.encode(this.#said);
    this.#said = "";
    return lines;
  }
}

/**
 * Who hears a room. `add` and `delete` draw a line: what was published before goes to those who were
 * there, what is published after to those who are there then.
 */
export class Audience {
  readonly #fanout: Fanout;
  #members: Member[] = [];
  readonly #places = new Map<Member, number>();
  /** The last delivery to the members as they are now: it holds their array. */
  #latest: Delivery | undefined;

  constructor(fanout: Fanout) {
    this.#fanout = fanout;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    if (this.#places.has(member)) return;
    this.#ownMembers();
    this.#places.set(member, this.#members.length);
    this.#members.push(member);
  }

  delete(member: Member): void {
    const place = this.#places.get(member);
    if (place === undefined) return;
    this.#ownMembers();
    this.#places.delete(member);
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      this.#members[place] = last;
      this.#places.set(last, place);
    }
  }

  /** Tells everyone here a line (its newline included), in the next turn or a later one. */
  publish(line: string): void {
    if (this.#members.length === 0) return;
    if (!this.#latest?.isOpen) {
      this.#latest = new Delivery(this.#members);
      this.#fanout.enqueue(this.#latest);
    }
    this.#latest.add(line);
  }

  /** Before the members change: what is on its way keeps those whom it was said to. */
  #ownMembers(): void {
    const isHeld = this.#latest?.isDone === false;
    this.#latest = undefined;
    if (isHeld) this.#members = this.#members.slice();
  }
}

/** The one queue through which every room of a server speaks. */
export class Fanout {
  readonly #soon: Schedule;
  readonly #writesPerTurn: number;
  #queue: Delivery[] = [];
  #head = 0;
  #scheduled = false;

  constructor(soon: Schedule, options: { writesPerTurn?: number } = {}) {
    this.#soon = soon;
    this.#writesPerTurn = options.writesPerTurn ?? WRITES_PER_TURN;
  }

  enqueue(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#soon(() => this.#turn());
  }

  /** Serves as many members as a turn may write to, in the order of what was said. */
  #turn(): void {
    this.#scheduled = false;
    let writes = 0;
    while (this.#head < this.#queue.length && writes < this.#writesPerTurn) {
      const delivery = this.#queue[this.#head] as Delivery;
      writes += delivery.serve(this.#writesPerTurn - writes);
      if (delivery.isDone) this.#head++;
    }
    this.#forgetDone();
    if (this.#head < this.#queue.length) this.#schedule();
  }

  #forgetDone(): void {
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 64) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
