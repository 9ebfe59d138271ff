// Keeps the replies of one connection in the order of its requests, though messages are on their way
// to the store several at once (protocol §2). Knows no socket: replies go to `send`.

import type { ServerFrame } from "../../wire/frame.ts";

/** Where replies go. */
export interface ReplyOutlet {
  send(frame: ServerFrame): void;
}

/** The place of one reply. */
export class ReplySlot {
  readonly #queue: { flush(): void };
  isFilled = false;
  reply: ServerFrame | undefined;

  constructor(queue: { flush(): void }) {
    this.#queue = queue;
  }

  /** To be called exactly once, with nothing when the request has no reply. */
  fill(reply: ServerFrame | undefined): void {
    this.isFilled = true;
    this.reply = reply;
    this.#queue.flush();
  }
}

interface Waiter {
  readonly count: number;
  readonly resolve: () => void;
}

/** Shared by all queues that are empty, which most are most of the time. */
const NONE: readonly never[] = [];

export class ReplyQueue {
  readonly #outlet: ReplyOutlet;
  #places: ReplySlot[] | undefined;
  #sent = 0;
  #waiters: readonly Waiter[] = NONE;

  constructor(outlet: ReplyOutlet) {
    this.#outlet = outlet;
  }

  /** How many requests are unanswered. */
  get unanswered(): number {
    return this.#places === undefined ? 0 : this.#places.length - this.#sent;
  }

  /** Sends a reply that keeps no place. */
  overtake(reply: ServerFrame): void {
    this.#outlet.send(reply);
  }

  open(): ReplySlot {
    const place = new ReplySlot(this);
    this.#places ??= [];
    this.#places.push(place);
    return place;
  }

  /** Resolves when fewer than `count` requests are unanswered; undefined when that is so now. */
  whenBelow(count: number): Promise<void> | undefined {
    if (this.unanswered < count) return undefined;
    return new Promise((resolve) => this.#waiters = [...this.#waiters, { count, resolve }]);
  }

  /** Sends the replies that no other one is to go before. */
  flush(): void {
    const places = this.#places ?? NONE;
    let place = places[this.#sent];
    while (place?.isFilled) {
      if (place.reply !== undefined) this.#outlet.send(place.reply);
      place = places[++this.#sent];
    }
    if (this.#sent === places.length || this.#sent > 64) {
      this.#places = this.#sent === places.length ? undefined : places.slice(this.#sent);
      this.#sent = 0;
    }
    if (this.#waiters.length > 0) this.#wake();
  }

  #wake(): void {
    const { unanswered } = this;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ count }) => unanswered >= count);
    for (const { count, resolve } of waiters) if (unanswered < count) resolve();
  }
}
