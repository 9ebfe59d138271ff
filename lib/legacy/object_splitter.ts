// Bytes to JSON objects where nothing stands between them: the legacy dialect (protocol §9). Objects
// are found by the depth of their braces, on bytes; strings and their escapes are respected.

import { ByteBuffer } from "../collections/byte_buffer.ts";
import { isBlank, ObjectScanner, OPENING_BRACE } from "../wire/object_scanner.ts";

/** What was found: the bytes of an object, or that something else was there. */
type SplitResult =
  | { readonly kind: "object"; readonly bytes: Uint8Array }
  | { readonly kind: "garbage" }
  | { readonly kind: "too_large" };

/** Finds objects in what a peer sends; looks at each byte once. */
export class ObjectSplitter {
  readonly #maxBytes: number;
  readonly #scanner = new ObjectScanner();
  /** The beginning of an object whose end has not come. */
  readonly #unfinished = new ByteBuffer();
  /** Garbage is reported once, however long it is. */
  #isInGarbage = false;

  /** @param maxBytes of one object */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether an object has begun and its end has not come. */
  get isOpen(): boolean {
    return this.#scanner.isOpen;
  }

  /** Forgets the object that has begun. */
  drop(): void {
    this.#unfinished.clear();
    this.#scanner.reset();
  }

  /** What became complete; `chunk` is not read after the call. */
  push(chunk: Uint8Array): readonly SplitResult[] {
    const found: SplitResult[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#scanner.isOpen) {
        if (!this.#scanner.take(byte)) continue;
        this.#unfinished.append(chunk.subarray(start, at + 1));
        found.push({ kind: "object", bytes: this.#unfinished.bytes });
        this.drop();
      } else if (byte === OPENING_BRACE) {
        this.#scanner.take(byte);
        this.#isInGarbage = false;
        start = at;
      } else if (!isBlank(byte) && !this.#isInGarbage) {
        this.#isInGarbage = true;
        found.push({ kind: "garbage" });
      }
    }
    if (this.#scanner.isOpen) this.#keep(chunk.subarray(start), found);
    return found;
  }

  #keep(rest: Uint8Array, found: SplitResult[]): void {
    if (this.#unfinished.length + rest.length <= this.#maxBytes) {
      return this.#unfinished.append(rest);
    }
    this.drop();
    // What follows of it is garbage, which this reports.
    this.#isInGarbage = true;
    found.push({ kind: "too_large" });
  }
}
