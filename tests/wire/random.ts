// Chance for property tests, repeatable: a failure names the seed that makes it happen again.

/** A small fast generator (sfc32): the same seed gives the same numbers everywhere. */
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

  /** A whole number from 0, below `end`. */
  below(end: number): number {
    return Math.floor((this.next() / 2 ** 32) * end);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Text of any well-formed kind: letters, quotes, controls, CJK, emoji. */
  text(maxUnits: number): string {
    let text = "";
    const units = this.below(maxUnits + 1);
    while (text.length < units) text += String.fromCodePoint(this.#codePoint());
    return text;
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
    const [first, last] = this.pick(kinds);
    return first + this.below(last - first + 1);
  }
}

/** Runs a check with a fresh seed, or the one given. @throws what it throws, naming the seed. */
export function withRandom(check: (random: Random) => void, seed = freshSeed()): void {
  try {
    check(new Random(seed));
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
}

function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
