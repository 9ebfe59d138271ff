// One who speaks the protocol as a person with `nc` would: raw lines out, parsed lines in.

import type { ByteStream } from "../../lib/wire/byte_stream.ts";

/** A frame as it came, with no type at all: tests say what they expect of it. */
// deno-lint-ignore no-explicit-any
export type Frame = Record<string, any>;

const encoder = new TextEncoder();
/** No answer within this time fails the test that waits for it. */
const PATIENCE_MS = 5_000;

export class RawClient {
  readonly #conn: ByteStream;
  #text = "";
  readonly #frames: Frame[] = [];
  /** Everything that was received, as bytes decoded. */
  raw = "";
  #isOver = false;
  readonly #decoder = new TextDecoder();

  private constructor(conn: ByteStream) {
    this.#conn = conn;
  }

  static async connect(address: { hostname: string; port: number }): Promise<RawClient> {
    const conn = await Deno.connect(address);
    conn.setNoDelay(true);
    return new RawClient(conn);
  }

  /** Speaks over a stream that is connected. */
  static over(stream: ByteStream): RawClient {
    return new RawClient(stream);
  }

  /** Writes a line; an object becomes JSON. */
  async send(...lines: (string | object)[]): Promise<void> {
    const text = lines.map((line) =>
      (typeof line === "string" ? line : JSON.stringify(line)) + "\n"
    );
    await this.write(encoder.encode(text.join("")));
  }

  /** Writes bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** The next frame, whatever it is. @throws when none comes in time, or the connection ended */
  async next(): Promise<Frame> {
    const frame = await this.nextOrEnd();
    if (frame === undefined) {
      throw new Error(`The connection ended; received: ${this.raw.slice(-500)}`);
    }
    return frame;
  }

  /** The next frame; undefined when the connection has ended. */
  async nextOrEnd(): Promise<Frame | undefined> {
    while (this.#frames.length === 0) {
      if (this.#isOver) return undefined;
      await this.#read();
    }
    return this.#frames.shift();
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

  /** Says hello as a guest; the welcome. */
  hello(name: string, more: object = {}): Promise<Frame> {
    return this.ask({ type: "hello", version: 1, auth: { method: "guest", name }, ...more });
  }

  /** Proves that nothing is on its way: the answer to a ping is the next frame. */
  async quiet(): Promise<void> {
    await this.send({ type: "ping", id: "quiet" });
    const frame = await this.next();
    if (frame.re !== "quiet") throw new Error(`Expected silence, got ${JSON.stringify(frame)}`);
  }

  /** Waits for the end; what came before it. */
  async untilEnd(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (let frame = await this.nextOrEnd(); frame; frame = await this.nextOrEnd()) {
      frames.push(frame);
    }
    return frames;
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#isOver = true;
    try {
      this.#conn.close();
    } catch {
      // Closed by the test itself.
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Nothing came for ${PATIENCE_MS} ms; received: ${this.raw.slice(-500)}`));
        this.close();
      }, PATIENCE_MS);
    });
    try {
      const length = await Promise.race([this.#conn.read(buffer), late]);
      if (length === null) this.#isOver = true;
      else this.#take(this.#decoder.decode(buffer.subarray(0, length), { stream: true }));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) this.#isOver = true;
      else throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #take(text: string): void {
    this.raw += text;
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.#frames.push(JSON.parse(line));
  }
}
