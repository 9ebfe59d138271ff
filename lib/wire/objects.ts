// Bytes to JSON objects where nothing stands between them: the legacy dialect (protocol §9). Objects
// are found by brace depth, on bytes; strings and their escapes are respected.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const NOTHING = new Uint8Array(0);

/** What was found: the bytes of an object, or that there was something that is none. */
export type Found =
  | { readonly kind: "object"; readonly bytes: Uint8Array }
  | { readonly kind: "garbage" }
  | { readonly kind: "too_large" };

/** Finds objects in what a peer sends; looks at each byte once. */
export class ObjectSplitter {
  readonly #maxBytes: number;
  /** The beginning of an object whose end has not come: the first `#opened` bytes. */
  #open = NOTHING;
  #opened = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Garbage is told once, however long it is. */
  #isInGarbage = false;

  /** @param maxBytes of one object */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether an object has begun and its end has not come. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** Forgets the object that has begun. */
  drop(): void {
    this.#open = NOTHING;
    this.#opened = 0;
    this.#depth = 0;
    this.#isInString = this.#isEscaped = false;
  }

  /** What became complete; `chunk` is not looked at after the call. */
  push(chunk: Uint8Array): readonly Found[] {
    const found: Found[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#depth === 0) {
        if (byte === OPENING) {
          this.#depth = 1;
          this.#isInGarbage = false;
          start = at;
        } else if (!isBlank(byte) && !this.#isInGarbage) {
          this.#isInGarbage = true;
          found.push({ kind: "garbage" });
        }
      } else if (this.#ends(byte)) {
        this.#append(chunk.subarray(start, at + 1));
        found.push({ kind: "object", bytes: this.#open.subarray(0, this.#opened) });
        this.drop();
      }
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start), found);
    return found;
  }

  /** Takes one byte of an open object; whether it was its last. */
  #ends(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = this.#isInString;
    else if (byte === QUOTE) this.#isInString = !this.#isInString;
    else if (!this.#isInString && byte === OPENING) this.#depth++;
    else if (!this.#isInString && byte === CLOSING) return --this.#depth === 0;
    return false;
  }

  #keep(rest: Uint8Array, found: Found[]): void {
    if (this.#opened + rest.length <= this.#maxBytes) return this.#append(rest);
    this.drop();
    // Its rest has no beginning any more: that is one garbage, told by this.
    this.#isInGarbage = true;
    found.push({ kind: "too_large" });
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#opened + bytes.length;
    if (needed > this.#open.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#open.length));
      larger.set(this.#open.subarray(0, this.#opened));
      this.#open = larger;
    }
    this.#open.set(bytes, this.#opened);
    this.#opened = needed;
  }
}

/** Space, tab, CR and LF say nothing between objects. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
