// A client that sends raw lines, as a person with `nc` would, and expects a server that works: a connection
// that ends fails the test that waits for a frame.

import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";
import { type Address, type Frame, Peer } from "./peer.ts";

export type { Frame } from "./peer.ts";

const encoder = new TextEncoder();
/** A test that waits longer for a frame fails. */
const PATIENCE_MS = 5_000;

export class RawClient implements Disposable {
  #followsDesk = false;
  readonly #peer: Peer;
  /** Everything that was received, as text. */
  raw = "";

  private constructor(conn: ByteStream) {
    this.#peer = new Peer(conn, {
      patienceMs: PATIENCE_MS,
      onText: (text) => this.raw += text,
    });
  }

  static async connect(address: Address): Promise<RawClient> {
    const conn = await Deno.connect(address);
    conn.setNoDelay(true);
    return new RawClient(conn);
  }

  /** A client on a stream that is connected. */
  static over(stream: ByteStream): RawClient {
    return new RawClient(stream);
  }

  /** Writes lines; an object becomes JSON. */
  async send(...lines: (string | object)[]): Promise<void> {
    const text = lines.map((line) =>
      (typeof line === "string" ? line : JSON.stringify(line)) + "\n"
    );
    await this.write(encoder.encode(text.join("")));
  }

  /** Writes bytes as they are. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#peer.write(bytes);
  }

  /** The next frame of any type. @throws when none comes in time, or the connection ended */
  async next(): Promise<Frame> {
    const frame = await this.nextOrEnd();
    if (frame !== undefined) return frame;
    throw new Error(`The connection ended; received: ${this.raw.slice(-500)}`);
  }

  /** The next frame; undefined when the connection has ended. */
  async nextOrEnd(): Promise<Frame | undefined> {
    try {
      return await this.#peer.next();
    } catch (cause) {
      throw new Error(`${cause}; received: ${this.raw.slice(-500)}`, { cause });
    }
  }

  /** Sends one request and gives its answer, passing over events. */
  async ask(request: object): Promise<Frame> {
    const id = `q${Math.random().toString(36).slice(2)}`;
    await this.send({ id, ...request });
    const re = (request as { id?: unknown }).id ?? id;
    for (;;) {
      const frame = await this.next();
      if (frame.re === re) return frame;
    }
  }

  /** The next frame of this type, passing over others. */
  async until(type: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  /** The next question that is asked at the desk, passing over other frames; for an operator. */
  async question(): Promise<Frame> {
    if (!this.#followsDesk) {
      this.#followsDesk = true;
      await this.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
    }
    for (;;) {
      const frame = await this.until("desk");
      if (frame.change === "opened" || frame.change === "asked") return frame;
    }
  }

  /** The first events of this type, as many as there should be, also those that were passed over. */
  async received(type: string, count: number): Promise<readonly Frame[]> {
    for (;;) {
      const lines = this.raw.split("\n").slice(0, -1).map((line): Frame => JSON.parse(line));
      const events = lines.filter((frame) => frame.type === type && frame.re === undefined);
      if (events.length >= count) return events.slice(0, count);
      await this.next();
    }
  }

  /** Logs in as a guest; the reply. */
  hello(name: string, more: object = {}): Promise<Frame> {
    return this.ask({ type: "hello", version: 1, auth: { method: "guest", name }, ...more });
  }

  /** Proves that nothing is on its way: the answer to a ping is the next frame. */
  async quiet(): Promise<void> {
    await this.send({ type: "ping", id: "quiet" });
    const frame = await this.next();
    if (frame.re !== "quiet") throw new Error(`Expected silence, got ${JSON.stringify(frame)}`);
  }

  /** All frames until the connection ends. */
  untilEnd(): Promise<Frame[]> {
    return this.#peer.untilEnd();
  }

  /** Ends the writing side. */
  closeWrite(): Promise<void> {
    return this.#peer.finish();
  }

  close(): void {
    this.#peer.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
