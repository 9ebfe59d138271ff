// The messages of the hostile room, by seq: subscribers, pages and tables must have exactly these.

import type { Frame } from "../../support/clients/peer.ts";

/** A text and its sender. */
export interface SentText {
  readonly content: string;
  readonly user: number;
  readonly from: string;
}

export class SentTexts {
  readonly #all = new Map<number, SentText>();
  #last = 0;
  /** Messages acknowledged in other rooms. */
  countInOtherRooms = 0;

  get size(): number {
    return this.#all.size;
  }

  /** The highest seq that was acknowledged. */
  get last(): number {
    return this.#last;
  }

  note(seq: number, sentText: SentText): void {
    this.#all.set(seq, sentText);
    this.#last = Math.max(this.#last, seq);
  }

  /** The error in an event, live or paged; undefined when it is as sent. */
  findFault(event: Frame): string | undefined {
    const sentText = this.#all.get(event.seq);
    if (sentText === undefined) return `an event without an acknowledgement: ${event.seq}`;
    const isRight = event.type === "message" && event.content === sentText.content &&
      event.user === sentText.user && event.from === sentText.from && event.guest === true &&
      Number.isSafeInteger(event.time) && event.time > 0;
    return isRight ? undefined : `event ${event.seq} is not as sent: ${JSON.stringify(event)}`;
  }

  /** The texts in the order of their seqs, without unassigned seqs. */
  texts(): readonly string[] {
    return [...this.#all].sort(([one], [other]) => one - other).map(([, { content }]) => content);
  }
}
