// Bytes that come in pieces and are read as one. Knows nothing of what they mean.

const NOTHING = new Uint8Array(0);

/** Appending costs the same for each byte, however small the pieces are. */
export class ByteBuffer {
  #array = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of all the bytes, valid until the next `append`; after a `clear` that keeps no memory, always. */
  get bytes(): Uint8Array {
    return this.#array.subarray(0, this.#length);
  }

  /** Copies `bytes` to the end. */
  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#array.length) {
      const larger = new Uint8Array(Math.max(length, this.#array.length * 2));
      larger.set(this.bytes);
      this.#array = larger;
    }
    this.#array.set(bytes, this.#length);
    this.#length = length;
  }

  /** Forgets the bytes, and gives back their memory when it is more than `keptBytes`. */
  clear(keptBytes = 0): void {
    this.#length = 0;
    if (this.#array.length > keptBytes) this.#array = NOTHING;
  }
}
