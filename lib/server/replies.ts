// Keeps the replies of one connection in the order of its requests, though messages are on their way
// to the store several at once (protocol §2). Knows no socket: replies go to `send`.

import type { ServerFrame } from "../wire/frame.ts";

/** The place of one reply; filled exactly once, with nothing when the request has no reply. */
export interface ReplySlot {
  fill(reply: ServerFrame | undefined): void;
}

interface Place extends ReplySlot {
  isFilled: boolean;
  reply: ServerFrame | undefined;
}

export class ReplyQueue {
  readonly #send: (frame: ServerFrame) => void;
  #places: Place[] = [];
  #sent = 0;
  #waiters: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(send: (frame: ServerFrame) => void) {
    this.#send = send;
  }

  /** How many requests are unanswered. */
  get unanswered(): number {
    return this.#places.length - this.#sent;
  }

  /** Sends a reply that keeps no place. */
  overtake(reply: ServerFrame): void {
    this.#send(reply);
  }

  open(): ReplySlot {
    const place: Place = {
      isFilled: false,
      reply: undefined,
      fill: (reply) => {
        place.isFilled = true;
        place.reply = reply;
        this.#flush();
      },
    };
    this.#places.push(place);
    return place;
  }

  /** Resolves when fewer than `count` requests are unanswered; undefined when that is so now. */
  whenBelow(count: number): Promise<void> | undefined {
    if (this.unanswered < count) return undefined;
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  #flush(): void {
    let place = this.#places[this.#sent];
    while (place?.isFilled) {
      if (place.reply !== undefined) this.#send(place.reply);
      place = this.#places[++this.#sent];
    }
    if (this.#sent === this.#places.length || this.#sent > 64) {
      this.#places = this.#places.slice(this.#sent);
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
