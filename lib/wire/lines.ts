// Bytes to lines, none longer than the limit. Lines are found on bytes, so a line in a thousand pieces
// costs no more than a whole one. Knows nothing of JSON.

import { ByteBuffer } from "../collections/byte_buffer.ts";
import { FrameError } from "./errors.ts";
import { isLongerThan } from "./text.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const NOTHING = new Uint8Array(0);
/** A larger buffer for an unfinished line is released as soon as the line is whole. */
const KEPT_BYTES = 1024;
const BLANK = /^[ \t\r]*$/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits what a peer sends into lines, without their `\n` or `\r\n`; lines of only spaces, tabs and
 * carriage returns are skipped.
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
  /** The beginning of a line whose end has not arrived. */
  readonly #unfinished = new ByteBuffer();
  #isBroken = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Adds what has been read; `chunk` is not used after the call. Every line of the chunk before must
   * have been taken.
   */
  add(chunk: Uint8Array): void {
    if (this.#isBroken) return;
    if (this.#text !== "" || this.#bytes.length > 0) {
      throw new Error("Lines of the last chunk are left: take them before adding another");
    }
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      if (this.#unfinished.length === 0) {
        this.#decode(chunk.subarray(0, end));
      } else {
        this.#unfinished.append(chunk.subarray(0, end));
        this.#decode(this.#unfinished.bytes);
        this.#unfinished.clear(KEPT_BYTES);
      }
    }
    if (end < chunk.length) this.#unfinished.append(chunk.subarray(end));
  }

  /**
   * The next line; undefined when the rest of it has not arrived. A line that is not UTF-8 is
   * bad_utf8 and costs only itself; one above the limit is frame_too_large, and nothing comes after.
   */
  next(): string | FrameError | undefined {
    for (;;) {
      const line = this.#text !== "" ? this.#nextOfText() : this.#nextOfBytes();
      if (line === undefined) break;
      if (typeof line === "string" && isBlank(line)) continue;
      return line;
    }
    return this.#unfinished.length >= this.maxBytes ? this.#break() : undefined;
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
    // The text ends with a newline: here all lines are taken.
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

  #break(): FrameError {
    this.#isBroken = true;
    this.#text = "";
    this.#bytes = NOTHING;
    this.#at = 0;
    this.#unfinished.clear();
    return new FrameError(
      "frame_too_large",
      `The frame is too large: at most ${this.maxBytes} bytes with its newline are allowed here`,
    );
  }
}

function isBlank(line: string): boolean {
  return line === "" || (line.charCodeAt(0) <= SPACE && BLANK.test(line));
}

// A browser can be made to send any bytes to any port, but only behind a request line and header
// fields. These are recognised, so that a body is never read as frames.

/** A version, wherever it stands: `HTTP/1.1`, `http/2.0`, and those of HTTP's relatives. */
const VERSION = /\b(?:HTTP|RTSP|SIP|ICAP)\/\d/i;
/** A method (RFC 9110, section 5.6.2: any token) and a target: a path, `*`, or a URL. */
const METHOD_AND_TARGET =
  /^[\0-\x20]*[!#$%&'*+.^_`|~0-9a-z-]+[ \t]+(?:\/|\*|[a-z][a-z0-9+.-]*:\/\/)/i;
/** A method in use, with anything behind it. */
const KNOWN_METHOD =
  /^[\0-\x20]*(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT|QUERY)[ \t\r\n]/i;
/** A header field: a name with a colon right behind it. */
const HEADER = /^[a-z][a-z0-9_-]*:/i;

/**
 * Whether a line that is not JSON could be the first line or a header field of an HTTP request, with any
 * method, version and case. `beginning` may be the beginning of a line: then it counts only where nothing
 * that follows could change the answer.
 */
export function looksLikeHttp(beginning: string): boolean {
  return [VERSION, METHOD_AND_TARGET, KNOWN_METHOD, HEADER].some((form) => form.test(beginning));
}
