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
export type Soon = (work: () => void) => void;

/**
 * How many writes one turn starts at most. The runtime completes about 128 operations a poll; what is
 * above stays pending although the socket could take it, and the last members starve.
 */
const WRITES_PER_TURN = 100;

/** Some lines on their way to those who were members when they were said. */
interface Delivery {
  readonly lines: Uint8Array;
  readonly members: readonly Member[];
  next: number;
}

const encoder = new TextEncoder();

/**
 * Who hears a room. `add` and `delete` draw a line: what was published before goes to those who were
 * there, what is published after to those who are there then.
 */
export class Audience {
  readonly #fanout: Fanout;
  #members: Member[] = [];
  readonly #places = new Map<Member, number>();
  /** A delivery holds the array: it must be copied before it is changed. */
  #shared = false;
  #said = "";

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

  /** Tells everyone here a line (its newline included) in this turn or the next. */
  publish(line: string): void {
    if (this.#members.length === 0) return;
    if (this.#said === "") this.#fanout.awaken(this);
    this.#said += line;
  }

  /** Takes what was said since the last time, for those who are here now. */
  takeDelivery(): Delivery | undefined {
    if (this.#said === "") return undefined;
    const lines = encoder.encode(this.#said);
    this.#said = "";
    this.#shared = true;
    return { lines, members: this.#members, next: 0 };
  }

  #ownMembers(): void {
    this.#fanout.enqueue(this.takeDelivery());
    if (!this.#shared) return;
    this.#members = this.#members.slice();
    this.#shared = false;
  }
}

/** The one queue through which every room of a server speaks. */
export class Fanout {
  readonly #soon: Soon;
  readonly #writesPerTurn: number;
  #awake: Audience[] = [];
  #queue: Delivery[] = [];
  #head = 0;
  #scheduled = false;

  constructor(soon: Soon, options: { writesPerTurn?: number } = {}) {
    this.#soon = soon;
    this.#writesPerTurn = options.writesPerTurn ?? WRITES_PER_TURN;
  }

  /** An audience has something to hear. */
  awaken(audience: Audience): void {
    this.#awake.push(audience);
    this.#schedule();
  }

  enqueue(delivery: Delivery | undefined): void {
    if (delivery === undefined) return;
    this.#queue.push(delivery);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#soon(() => this.#turn());
  }

  /**
   * One turn. What was said since the last one becomes deliveries behind those that still wait, so
   * a room's order holds; then as many members are served as a turn may write to.
   */
  #turn(): void {
    this.#scheduled = false;
    const awake = this.#awake;
    this.#awake = [];
    for (const audience of awake) {
      const delivery = audience.takeDelivery();
      if (delivery !== undefined) this.#queue.push(delivery);
    }
    let writes = 0;
    while (this.#head < this.#queue.length && writes < this.#writesPerTurn) {
      const delivery = this.#queue[this.#head] as Delivery;
      const { lines, members } = delivery;
      let next = delivery.next;
      while (next < members.length && writes < this.#writesPerTurn) {
        if ((members[next++] as Member).deliver(lines)) writes++;
      }
      delivery.next = next;
      if (next === members.length) this.#head++;
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
