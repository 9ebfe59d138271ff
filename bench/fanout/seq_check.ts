// Checks that a client receives every message of a room once and in order. The seqs of a room have
// no gaps, so each must follow the last one.

export interface DeliveryErrors {
  /** Never delivered. */
  readonly lost: number;
  /** Delivered more than once. */
  readonly twice: number;
  /** Delivered after a later one. */
  readonly late: number;
}

export class SeqCheck {
  #last = 0;
  #receivedCount = 0;
  #twice = 0;
  #late = 0;
  /** The seqs that are missing so far. */
  readonly #missing = new Set<number>();

  get last(): number {
    return this.#last;
  }

  /** Each counted once. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  note(seq: number): void {
    if (seq === this.#last + 1) {
      this.#last = seq;
      this.#receivedCount++;
    } else if (seq > this.#last) {
      for (let left = this.#last + 1; left < seq; left++) this.#missing.add(left);
      this.#last = seq;
      this.#receivedCount++;
    } else if (this.#missing.delete(seq)) {
      this.#late++;
      this.#receivedCount++;
    } else {
      this.#twice++;
    }
  }

  /** @param sent the number of messages sent */
  errors(sent: number): DeliveryErrors {
    const lost = this.#missing.size + Math.max(0, sent - this.#last);
    return { lost, twice: this.#twice, late: this.#late };
  }
}

export function sumErrors(all: readonly DeliveryErrors[]): DeliveryErrors {
  return all.reduce((sum, { lost, twice, late }) => ({
    lost: sum.lost + lost,
    twice: sum.twice + twice,
    late: sum.late + late,
  }), { lost: 0, twice: 0, late: 0 });
}
