// Bytes to lines, none longer than the limit. Lines are found on bytes, so a line that comes in a
// thousand pieces costs no more than one that comes whole. Knows nothing of JSON.

import { FrameError } from "./errors.ts";
import { isLongerThan } from "./text.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const NOTHING = new Uint8Array(0);
/** A larger buffer for unfinished lines is given back as soon as the line is whole. */
const KEPT_BYTES = 1024;
const BLANK = /^[ \t\r]*$/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits what a peer sends into lines, without their `\n` or `\r\n`; lines of nothing but spaces,
 * tabs and carriage returns are passed over.
 *
 * A chunk is added whole and its lines are taken one by one. The limit, newline included, is held
 * against each line as it is taken: a `hello` and a long message may come in one chunk, and the limit
 * that the hello's answer raised counts for the message. An unfinished line is held against it when
 * the lines before it are taken, so never more than the limit and one chunk is kept.
 */
export class LineSplitter {
  /** The longest line in bytes, newline included; may change at any time. */
  maxBytes: number;
  /** Complete lines, each with its newline; those before `#at` are taken. */
  #text = "";
  /** How many bytes they were: when that is within the limit, each of them is. */
  #textBytes = 0;
  /** The same as bytes, when they could not be decoded at once. */
  #bytes = NOTHING;
  #at = 0;
  /** The beginning of a line whose end has not come: the first `#carried` bytes. */
  #carry = NOTHING;
  #carried = 0;
  #isBroken = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Adds what has been read; `chunk` is not looked at after the call. Every line of the chunk before
   * must have been taken.
   */
  add(chunk: Uint8Array): void {
    if (this.#isBroken) return;
    if (this.#text !== "" || this.#bytes.length > 0) {
      throw new Error("Lines of the last chunk are left: take them before adding another");
    }
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      if (this.#carried === 0) {
        this.#decode(chunk.subarray(0, end));
      } else {
        this.#keep(chunk.subarray(0, end));
        this.#decode(this.#carry.subarray(0, this.#carried));
        this.#carried = 0;
        if (this.#carry.length > KEPT_BYTES) this.#carry = NOTHING;
      }
    }
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /**
   * The next line; undefined when the rest of it has yet to come. A line that is not UTF-8 is
   * bad_utf8 and costs only itself; one above the limit is frame_too_large, and nothing comes after.
   */
  next(): string | FrameError | undefined {
    for (;;) {
      const line = this.#text !== "" ? this.#nextOfText() : this.#nextOfBytes();
      if (line === undefined) break;
      if (typeof line === "string" && isBlank(line)) continue;
      return line;
    }
    return this.#carried >= this.maxBytes ? this.#break() : undefined;
  }

  /** All complete lines at once; when one of them is bad, each by itself as it is taken. */
  #decode(lines: Uint8Array): void {
    this.#at = 0;
    try {
      this.#text = decoder.decode(lines);
      this.#textBytes = lines.length;
    } catch {
      this.#bytes = lines.slice();
    }
  }

  #nextOfText(): string | FrameError | undefined {
    const text = this.#text;
    const start = this.#at;
    const end = text.indexOf("\n", start);
    // What is left never ends without a newline, so here all is taken.
    if (end === -1) {
      this.#text = "";
      return undefined;
    }
    this.#at = end + 1;
    if (
      this.#textBytes > this.maxBytes && isLongerThan(text.slice(start, end + 1), this.maxBytes)
    ) {
      return this.#break();
    }
    return text.slice(start, text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end);
  }

  #nextOfBytes(): string | FrameError | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start === bytes.length) {
      this.#bytes = NOTHING;
      return undefined;
    }
    const end = bytes.indexOf(NEWLINE, start);
    this.#at = end + 1;
    if (end + 1 - start > this.maxBytes) return this.#break();
    const hasReturn = end > start && bytes[end - 1] === CARRIAGE_RETURN;
    try {
      return decoder.decode(bytes.subarray(start, hasReturn ? end - 1 : end));
    } catch {
      return new FrameError("bad_utf8", "The line is not UTF-8: frames are JSON in UTF-8");
    }
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#carried + bytes.length;
    if (needed > this.#carry.length) {
      const larger = new Uint8Array(Math.max(needed, this.#carry.length * 2));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = needed;
  }

  #break(): FrameError {
    this.#isBroken = true;
    this.#text = "";
    this.#bytes = this.#carry = NOTHING;
    this.#at = this.#carried = 0;
    return new FrameError(
      "frame_too_large",
      `The frame is too large: at most ${this.maxBytes} bytes with its newline are allowed here`,
    );
  }
}

function isBlank(line: string): boolean {
  return line === "" || (line.charCodeAt(0) <= SPACE && BLANK.test(line));
}
