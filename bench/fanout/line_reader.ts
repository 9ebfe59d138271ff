// Finds in what a server sends the seqs of one room's messages, and hands over every other line. A
// generator must cost less than the server it measures, so of a message hardly more is looked at than
// its seq; every so many of them are handed over as text too.

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
/** As long as the longest frame, and some. */
const BUFFER_BYTES = 128 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface LineReaderOptions {
  readonly room: string;
  /** Every so many messages one is looked at in full. */
  readonly sampleEvery: number;
  onSeq(seq: number): void;
  /** A message that is looked at. */
  onSample(line: string): void;
  /** A line that is no message. */
  onOther(line: string): void;
}

export class LineReader {
  readonly #options: LineReaderOptions;
  /** How a message of the room begins, up to its seq. */
  readonly #head: Uint8Array;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** Bytes of a line that is not whole. */
  #kept = 0;
  /** Of the last message, its newline included: most are as long as the one before. */
  #length = 0;
  #untilSample: number;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#head = encoder.encode(`{"type":"message","room":${JSON.stringify(options.room)},"seq":`);
    this.#untilSample = options.sampleEvery;
  }

  /** Where the next bytes go. */
  get free(): Uint8Array {
    return this.#buffer.subarray(this.#kept);
  }

  /** So many bytes have come. @throws when a line is longer than any frame */
  take(count: number): void {
    const bytes = this.#buffer;
    const filled = this.#kept + count;
    let start = 0;
    while (start < filled) {
      const seq = this.#findSeq(start);
      const end = this.#findEnd(start, { filled, isMessage: seq !== undefined });
      if (end === -1) break;
      if (seq === undefined) this.#options.onOther(this.#text(start, end));
      else this.#onMessage(seq, { start, end });
      start = end + 1;
    }
    this.#kept = filled - start;
    if (this.#kept === bytes.length) throw new Error("A line is longer than any frame");
    if (start > 0) bytes.copyWithin(0, start, filled);
  }

  /** Where the line's newline is; -1 when it has not come. */
  #findEnd(
    start: number,
    { filled, isMessage }: { filled: number; isMessage: boolean },
  ): number {
    const guess = start + this.#length - 1;
    // Only a message may be as long as the one before: several short lines together may be, too.
    if (isMessage && guess > start && guess < filled && this.#buffer[guess] === NEWLINE) {
      return guess;
    }
    const end = this.#buffer.subarray(start, filled).indexOf(NEWLINE);
    return end === -1 ? -1 : start + end;
  }

  #onMessage(seq: number, { start, end }: { start: number; end: number }): void {
    this.#length = end + 1 - start;
    this.#options.onSeq(seq);
    if (--this.#untilSample > 0) return;
    this.#untilSample = this.#options.sampleEvery;
    this.#options.onSample(this.#text(start, end));
  }

  /** Undefined when the line is no message of the room; its seq may yet be cut off. */
  #findSeq(start: number): number | undefined {
    const bytes = this.#buffer;
    const head = this.#head;
    // From behind, where messages of different rooms and types differ.
    for (let at = head.length - 1; at >= 0; at--) {
      if (bytes[start + at] !== head[at]) return undefined;
    }
    let at = start + head.length;
    let seq = 0;
    for (let byte = bytes[at]; byte !== undefined && byte !== COMMA; byte = bytes[++at]) {
      if (byte < ZERO || byte > NINE) return undefined;
      seq = seq * 10 + byte - ZERO;
    }
    return seq;
  }

  #text(start: number, end: number): string {
    return decoder.decode(this.#buffer.subarray(start, end));
  }
}
