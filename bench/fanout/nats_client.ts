// One client of NATS under the same load: subscribes to a subject and publishes to it. NATS acknowledges
// nothing and numbers nothing: a message counts as acknowledged when its sender gets it back, and what is
// lost is found by counting.

import type { ByteStream } from "../../lib/wire/stream/byte_stream.ts";
import type { Client, LoadClientOptions } from "./load_client.ts";
import type { DeliveryErrors } from "./seq_check.ts";

/** The sender's name, the time of sending, then padding: as long as the text of `LoadClient`. */
const TEXT_LENGTH = 100;
const BUFFER_BYTES = 128 * 1024;
const MESSAGE = 0x4d;
const NEWLINE = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface NatsClientOptions extends LoadClientOptions {
  /** The certificate to trust: then the connection becomes TLS, as NATS does it, after its first line. */
  readonly cert?: string;
}

export class NatsClient implements Client {
  readonly #options: LoadClientOptions;
  readonly #conn: ByteStream;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** The length of every message, its head and end included. */
  readonly #messageBytes: number;
  readonly #headBytes: number;
  readonly #name: Uint8Array;
  readonly #ended: Promise<void>;
  readonly #subscribed = Promise.withResolvers<void>();
  #kept = 0;
  #untilSample: number;
  #unwritten = "";
  #isWriting = false;
  #isClosed = false;
  sentCount = 0;
  ackedCount = 0;
  receivedCount = 0;
  fault: string | undefined;

  private constructor(conn: ByteStream, options: LoadClientOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#name = encoder.encode(options.name);
    this.#headBytes = `MSG ${options.room} 1 ${TEXT_LENGTH}\r\n`.length;
    this.#messageBytes = this.#headBytes + TEXT_LENGTH + 2;
    this.#untilSample = options.sampleEvery;
    this.#subscribed.promise.catch(() => {});
    this.#ended = this.#readAll();
  }

  /** Takes the connection over and subscribes. */
  static async connect(
    tcp: Deno.TcpConn,
    { cert, ...options }: NatsClientOptions,
  ): Promise<NatsClient> {
    await tcp.read(new Uint8Array(4_096));
    const conn = cert === undefined
      ? tcp
      : await Deno.startTls(tcp, { hostname: "localhost", caCerts: [cert] });
    const client = new NatsClient(conn, options);
    client.#write(
      `CONNECT {"verbose":false,"pedantic":false${
        cert === undefined ? "" : ',"tls_required":true'
      }}\r\n` +
        `SUB ${options.room} 1\r\nPING\r\n`,
    );
    try {
      await client.#subscribed.promise;
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  get room(): string {
    return this.#options.room;
  }

  errors(sent: number): DeliveryErrors {
    return {
      lost: Math.max(0, sent - this.receivedCount),
      twice: Math.max(0, this.receivedCount - sent),
      late: 0,
    };
  }

  send(count: number): void {
    const { name, room } = this.#options;
    const content = `${name} ${performance.now().toFixed(3)}`.padEnd(TEXT_LENGTH, "x");
    this.sentCount += count;
    this.#write(`PUB ${room} ${TEXT_LENGTH}\r\n${content}\r\n`.repeat(count));
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#conn.close();
    }
    await this.#ended;
  }

  async #readAll(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#conn.read(this.#buffer.subarray(this.#kept));
        if (count === null) break;
        this.#take(this.#kept + count);
      }
    } catch (error) {
      if (!this.#isClosed) this.#fail(String(error));
    }
    if (!this.#isClosed) this.#fail("the connection ended");
  }

  #take(filled: number): void {
    const bytes = this.#buffer;
    let acks = 0;
    let start = 0;
    while (start < filled) {
      const isMessage = bytes[start] === MESSAGE;
      const newline = isMessage ? -1 : bytes.subarray(start, filled).indexOf(NEWLINE);
      const length = isMessage ? this.#messageBytes : newline + 1;
      if (length === 0 || start + length > filled) break;
      if (isMessage) acks += this.#onMessage(start);
      else this.#onLine(decoder.decode(bytes.subarray(start, start + length)));
      start += length;
    }
    if (start > 0) bytes.copyWithin(0, start, filled);
    this.#kept = filled - start;
    if (acks === 0) return;
    this.ackedCount += acks;
    this.#options.onAcks(this, acks);
  }

  /** @returns how many own messages that was */
  #onMessage(start: number): number {
    this.receivedCount++;
    const content = start + this.#headBytes;
    if (--this.#untilSample === 0) {
      this.#untilSample = this.#options.sampleEvery;
      const text = decoder.decode(this.#buffer.subarray(content, content + TEXT_LENGTH));
      this.#options.onDelay(performance.now() - parseFloat(text.split(" ")[1] ?? ""));
    }
    return this.#name.every((byte, at) => this.#buffer[content + at] === byte) ? 1 : 0;
  }

  #onLine(line: string): void {
    if (line.startsWith("PING")) this.#write("PONG\r\n");
    else if (line.startsWith("PONG")) this.#subscribed.resolve();
    else if (line.startsWith("-ERR")) this.#fail(line.trim());
  }

  #fail(why: string): void {
    this.fault ??= `${this.#options.name}: ${why}`;
    this.#subscribed.reject(new Error(this.fault));
  }

  #write(lines: string): void {
    this.#unwritten += lines;
    if (!this.#isWriting) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#unwritten !== "") {
        let bytes = encoder.encode(this.#unwritten);
        this.#unwritten = "";
        while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
      }
    } catch (error) {
      if (!this.#isClosed) this.#fail(String(error));
    }
    this.#isWriting = false;
  }
}
