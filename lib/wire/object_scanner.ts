// The end of a JSON object in a stream of bytes, by the depth of its braces.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Finds the end of a JSON object, byte by byte. */
export class ObjectScanner {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Whether an object has begun and its end has not come. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** Takes the next byte of the object, at first its brace; whether the object ends with it. */
  take(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = this.#isInString;
    else if (byte === QUOTE) this.#isInString = !this.#isInString;
    else if (!this.#isInString && byte === OPENING_BRACE) this.#depth++;
    else if (!this.#isInString && byte === CLOSING_BRACE) return --this.#depth === 0;
    return false;
  }

  /** Forgets the object that has begun. */
  reset(): void {
    this.#depth = 0;
    this.#isInString = this.#isEscaped = false;
  }
}

/** Space, tab, CR and LF between objects mean nothing. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
