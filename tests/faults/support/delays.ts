// Many delays in little memory: a count for each tenth of a millisecond.

const STEPS_PER_MS = 10;

export class Delays {
  readonly #counts = new Map<number, number>();
  count = 0;
  worstMs = 0;

  note(ms: number): void {
    const step = Math.round(ms * STEPS_PER_MS);
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    this.count++;
    this.worstMs = Math.max(this.worstMs, ms);
  }

  /** The delay that this share of all was not above; not a number when there is none. */
  percentile(share: number): number {
    if (this.count === 0) return NaN;
    let left = Math.ceil(this.count * share);
    for (const [step, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return step / STEPS_PER_MS;
    }
    return this.worstMs;
  }

  get p99Ms(): number {
    return this.percentile(0.99);
  }

  add(other: Delays): void {
    for (const [step, count] of other.#counts) {
      this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
    }
    this.count += other.count;
    this.worstMs = Math.max(this.worstMs, other.worstMs);
  }
}
