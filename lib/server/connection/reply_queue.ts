// Keeps the replies of one connection in the order of its requests, while several messages are being
// stored at once (protocol §2). Knows no socket: replies go to `send`.

import { HeadQueue } from "../../collections/head_queue.ts";
import { ThresholdWaiters } from "../../collections/threshold_waiters.ts";
import type { ServerFrame } from "../../wire/frame.ts";

/** The place of one reply. */
class ReplySlot {
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

export class ReplyQueue {
  readonly #outlet: { send(frame: ServerFrame): void };
  readonly #slots = new HeadQueue<ReplySlot>();
  #waiters: ThresholdWaiters | undefined;

  constructor(outlet: { send(frame: ServerFrame): void }) {
    this.#outlet = outlet;
  }

  /** How many requests are unanswered. */
  get unanswered(): number {
    return this.#slots.length;
  }

  /** Sends a reply at once, before those that wait. */
  overtake(reply: ServerFrame): void {
    this.#outlet.send(reply);
  }

  open(): ReplySlot {
    const slot = new ReplySlot(this);
    this.#slots.push(slot);
    return slot;
  }

  /** Resolves when fewer than `count` requests are unanswered; undefined when that is so now. */
  whenBelow(count: number): Promise<void> | undefined {
    if (this.unanswered < count) return undefined;
    this.#waiters ??= new ThresholdWaiters();
    return this.#waiters.whenBelow(count);
  }

  /** Sends the replies for which no earlier one is missing. */
  flush(): void {
    const slots = this.#slots;
    for (let slot = slots.peek(); slot?.isFilled; slot = slots.peek()) {
      slots.shift();
      if (slot.reply !== undefined) this.#outlet.send(slot.reply);
    }
    this.#waiters?.update(slots.length);
  }
}
