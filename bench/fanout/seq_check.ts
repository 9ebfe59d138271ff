// Whether what somebody hears of a room is all of it, once, in order. Seqs of a room have no gaps, so
// each must be the one after the last.

export interface DeliveryErrors {
  /** Never came. */
  readonly lost: number;
  /** Came more than once. */
  readonly twice: number;
  /** Came after a later one. */
  readonly late: number;
}

export class SeqCheck {
  #last = 0;
  #receivedCount = 0;
  #twice = 0;
  #late = 0;
  /** Those left out so far. */
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

  /** When so much was said in all. */
  errors(said: number): DeliveryErrors {
    const lost = this.#missing.size + Math.max(0, said - this.#last);
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
