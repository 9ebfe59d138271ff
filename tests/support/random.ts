// Reproducible random choices: the same seed gives the same choices everywhere.

/** A small fast generator (sfc32), worthless for secrets. */
export class Random {
  #a: number;
  #b = 0x9e3779b9;
  #c = 0x243f6a88;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** At least 0, below 1. */
  fraction(): number {
    return this.next() / 2 ** 32;
  }

  /** A whole number from 0, below `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** A whole number, both bounds included. */
  integer(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** @throws {RangeError} when there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("There is nothing to choose from");
    return choices[this.below(choices.length)] as T;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Text of any well-formed kind: letters, quotes, controls, CJK, emoji. */
  text(maxUnits: number): string {
    let text = "";
    const units = this.below(maxUnits + 1);
    while (text.length < units) text += String.fromCodePoint(this.#codePoint());
    return text;
  }

  /** Another generator, determined by this one. */
  fork(): Random {
    return new Random(this.next());
  }

  #codePoint(): number {
    const kinds: readonly (readonly [number, number])[] = [
      [0x20, 0x7e],
      [0x00, 0x1f],
      [0x7f, 0xa0],
      [0x22, 0x5c],
      [0x00e0, 0x07ff],
      [0x2020, 0x2030],
      [0x4e00, 0x9fff],
      [0x1f600, 0x1f64f],
    ];
    return this.integer(...this.pick(kinds));
  }
}

/** Runs a check with a new seed, or the one given. @throws what it throws, naming the seed. */
export function withRandom(check: (random: Random) => void, seed = newSeed()): void {
  try {
    check(new Random(seed));
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
}

function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
