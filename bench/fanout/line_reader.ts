// Finds the seqs of one room's messages in the output of a server, and passes on every other line.
// A generator must cost less than the server it measures, so of most messages only the seq is
// parsed; one in `sampleEvery` is passed on as text, too.

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
/** Longer than the longest frame. */
const BUFFER_BYTES = 128 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface LineReaderOptions {
  readonly room: string;
  /** One in this many messages is passed to `onSample`. */
  readonly sampleEvery: number;
  onSeq(seq: number): void;
  /** A sampled message. */
  onSample(line: string): void;
  /** A line that is not a message. */
  onOther(line: string): void;
}

export class LineReader {
  readonly #options: LineReaderOptions;
  /** The beginning of a message of the room, up to its seq. */
  readonly #head: Uint8Array;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** Bytes of an incomplete line. */
  #kept = 0;
  /**
   * The length of the last message with its newline: most messages have the length of the last one.
   */
  #length = 0;
  #untilSample: number;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#head = encoder.encode(`{"type":"message","room":${JSON.stringify(options.room)},"seq":`);
    this.#untilSample = options.sampleEvery;
  }

  /** The buffer for the next bytes. */
  get free(): Uint8Array {
    return this.#buffer.subarray(this.#kept);
  }

  /** Processes this many new bytes of the buffer. @throws when a line is longer than any frame */
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

  /** The index of the line's newline; -1 when it has not arrived. */
  #findEnd(
    start: number,
    { filled, isMessage }: { filled: number; isMessage: boolean },
  ): number {
    const guess = start + this.#length - 1;
    // Only for a message: several short lines together may have the same length, too.
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

  /** Undefined when the line is not a message of the room; the seq may be incomplete. */
  #findSeq(start: number): number | undefined {
    const bytes = this.#buffer;
    const head = this.#head;
    // Backwards: messages of different rooms and types differ at the end.
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
