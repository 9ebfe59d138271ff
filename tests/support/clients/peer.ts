// The end of a connection that a test has: raw lines out, parsed lines in. It reports the end of the
// connection in any form and never throws for it. `RawClient` and `FakePeer` are built on it. Knows no frame.

import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";

/** A frame as it came, without a type: a test says what it expects of it. */
// deno-lint-ignore no-explicit-any
export type Frame = Record<string, any>;

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** A request that wants to know its reply. */
export interface Request {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface PeerOptions {
  /** Receives all raw bytes. */
  readonly onText?: (text: string) => void;
  /** The time limit of a wait for a frame; `Infinity` is none. */
  readonly patienceMs?: number;
}

/** How a connection ended: the peer ended it, it was cut, or we closed it. */
export type Ending = "fin" | "reset" | "closed";

/** The time limit of every wait. */
const PATIENCE_MS = 15_000;

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

export class Peer implements Disposable {
  readonly #conn: ByteStream;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #patienceMs: number;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #frames: Frame[] = [];
  #next = 0;
  #text = "";
  #unsent = "";
  #writing: Promise<void> = Promise.resolve();
  #ending: Ending | undefined;

  /** @param conn a stream that is connected */
  constructor(conn: ByteStream, { onText, patienceMs }: PeerOptions = {}) {
    this.#conn = conn;
    this.#onText = onText;
    this.#patienceMs = patienceMs ?? PATIENCE_MS;
  }

  /** @throws what Deno.connect throws */
  static async connect(address: Address, options: PeerOptions = {}): Promise<Peer> {
    const conn = await Deno.connect(address);
    try {
      conn.setNoDelay(true);
    } catch {
      // Cut before it was begun: the first read tells.
    }
    return new Peer(conn, options);
  }

  /** How the connection ended; undefined while it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** What came after the last newline: of a connection that ended, a frame that was cut. */
  get rest(): string {
    return this.#text;
  }

  /** Sends frames, those of one turn in one write; after the connection's end they are dropped. */
  send(...frames: readonly (object | string)[]): void {
    const isFirst = this.#unsent === "";
    for (const frame of frames) {
      this.#unsent += (typeof frame === "string" ? frame : JSON.stringify(frame)) + "\n";
    }
    if (isFirst) queueMicrotask(() => void this.write(NOTHING));
  }

  /** Writes bytes as they are, behind what was sent before. Resolves when they are on their way. */
  write(bytes: Uint8Array): Promise<void> {
    const before = this.#takeUnsent();
    this.#writing = this.#writing.then(() => this.#writeAll(before)).then(() =>
      this.#writeAll(bytes)
    );
    return this.#writing;
  }

  /** The next frame; undefined when the connection has ended. @throws when none comes in time */
  async next(): Promise<Frame | undefined> {
    while (this.#next === this.#frames.length) {
      if (this.#ending !== undefined) return undefined;
      await this.#read();
    }
    const frame = this.#frames[this.#next++];
    if (this.#next === this.#frames.length) {
      this.#frames.length = 0;
      this.#next = 0;
    }
    return frame;
  }

  /** The next frame that is the reply to `id`, others passed over; undefined at the end. */
  async replyTo(id: string): Promise<Frame | undefined> {
    for (let frame = await this.next(); frame; frame = await this.next()) {
      if (frame.re === id) return frame;
    }
    return undefined;
  }

  /** Sends one request and gives its reply, others passed over; undefined at the end. */
  ask(request: Request): Promise<Frame | undefined> {
    this.send(request);
    return this.replyTo(request.id);
  }

  /** All frames until the connection ends. */
  async untilEnd(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (let frame = await this.next(); frame; frame = await this.next()) frames.push(frame);
    return frames;
  }

  /** Ends the writing side. */
  async finish(): Promise<void> {
    await this.#writing;
    try {
      await this.#conn.closeWrite();
    } catch {
      // Gone already.
    }
  }

  close(): void {
    this.#ending ??= "closed";
    try {
      this.#conn.close();
    } catch {
      // Closed before.
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #takeUnsent(): Uint8Array {
    if (this.#unsent === "") return NOTHING;
    const bytes = encoder.encode(this.#unsent);
    this.#unsent = "";
    return bytes;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length && this.#ending === undefined;) {
        at += await this.#conn.write(bytes.subarray(at));
      }
    } catch {
      // The reading side learns how it ended.
    }
  }

  async #read(): Promise<void> {
    let isLate = false;
    const timer = this.#patienceMs === Infinity ? undefined : setTimeout(() => {
      isLate = true;
      this.close();
    }, this.#patienceMs);
    let length: number | null = null;
    try {
      length = await this.#conn.read(this.#buffer);
      if (length === null) this.#ending ??= "fin";
    } catch {
      this.#ending ??= "reset";
    } finally {
      clearTimeout(timer);
    }
    if (isLate) throw new Error(`Nothing came for ${this.#patienceMs} ms`);
    if (length === null) return this.close();
    this.#take(this.#decoder.decode(this.#buffer.subarray(0, length), { stream: true }));
  }

  #take(text: string): void {
    this.#onText?.(text);
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.#frames.push(JSON.parse(line));
  }
}
