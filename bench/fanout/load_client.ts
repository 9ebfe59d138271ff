// One client of the load: logs in, joins a room, checks the messages it receives and sends messages
// on request. Frugal, because a thousand of them share a process.

import type { ByteStream } from "../../lib/wire/stream/byte_stream.ts";
import { LineReader } from "./line_reader.ts";
import { type DeliveryErrors, SeqCheck } from "./seq_check.ts";

/** A client of any server, as the group of clients uses it. */
export interface Client {
  readonly room: string;
  readonly sentCount: number;
  /** How many of its messages the server has acknowledged, or has sent back. */
  readonly ackedCount: number;
  readonly receivedCount: number;
  /** Why it has failed. */
  readonly fault: string | undefined;
  /** @param sent the number of messages sent to its room */
  errors(sent: number): DeliveryErrors;
  send(count: number): void;
  close(): Promise<void>;
}

export interface LoadClientOptions {
  readonly name: string;
  readonly room: string;
  /** The delay of one in this many messages is measured. */
  readonly sampleEvery: number;
  onDelay(ms: number): void;
  /** Called with the number of newly acknowledged messages. */
  onAcks(client: Client, count: number): void;
}

/** The length of a message's text: the time of sending, then padding. */
const TEXT_LENGTH = 100;
const PONG = '{"type":"pong"}\n';
const encoder = new TextEncoder();

export class LoadClient implements Client, Disposable {
  readonly #seqs = new SeqCheck();
  readonly #options: LoadClientOptions;
  readonly #conn: ByteStream;
  readonly #reader: LineReader;
  readonly #joined = Promise.withResolvers<void>();
  /** Resolves when the connection is closed. */
  readonly ended: Promise<void>;
  #sentCount = 0;
  #acked = 0;
  /** Since the last chunk. */
  #acks = 0;
  #unwritten = "";
  #isWriting = false;
  #isClosed = false;
  /** Why the client has failed. */
  fault: string | undefined;

  private constructor(conn: ByteStream, options: LoadClientOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#reader = new LineReader({
      room: options.room,
      sampleEvery: options.sampleEvery,
      onSeq: (seq) => this.#seqs.note(seq),
      onSample: (line) => this.#noteDelay(line),
      onOther: (line) => this.#onOtherLine(line),
    });
    this.#joined.promise.catch(() => {});
    this.ended = this.#readAll();
  }

  /** Takes the connection over, logs in as a guest and joins the room, which is created if necessary. */
  static async connect(conn: ByteStream, options: LoadClientOptions): Promise<LoadClient> {
    const client = new LoadClient(conn, options);
    const { name, room } = options;
    const auth = { method: "guest", name };
    for (
      const frame of [
        { type: "hello", version: 1, auth },
        { type: "join", id: "join", room, create: true },
      ]
    ) client.#write(JSON.stringify(frame) + "\n");
    try {
      await client.#joined.promise;
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  get room(): string {
    return this.#options.room;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  get ackedCount(): number {
    return this.#acked;
  }

  get receivedCount(): number {
    return this.#seqs.receivedCount;
  }

  errors(sent: number): DeliveryErrors {
    return this.#seqs.errors(sent);
  }

  /** Sends this many messages, each with a `cid`, like a real client. */
  send(count: number): void {
    const { name, room } = this.#options;
    const content = performance.now().toFixed(3).padEnd(TEXT_LENGTH, "x");
    let lines = "";
    for (let n = 0; n < count; n++) {
      const id = `${++this.#sentCount}`;
      lines += `{"type":"message","id":"${id}","cid":"${name}-${id}","room":"${room}",` +
        `"content":"${content}"}\n`;
    }
    this.#write(lines);
  }

  /** Resolves when the connection is closed and its reading has ended. */
  async close(): Promise<void> {
    this[Symbol.dispose]();
    await this.ended;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #readAll(): Promise<void> {
    const reader = this.#reader;
    try {
      for (;;) {
        const count = await this.#conn.read(reader.free);
        if (count === null) break;
        reader.take(count);
        this.#reportAcks();
      }
    } catch (error) {
      if (!this.#isClosed) this.#fail(String(error));
    }
    if (!this.#isClosed) this.#fail("the connection ended");
    this[Symbol.dispose]();
  }

  #reportAcks(): void {
    const acks = this.#acks;
    if (acks === 0) return;
    this.#acks = 0;
    this.#acked += acks;
    this.#options.onAcks(this, acks);
  }

  #noteDelay(line: string): void {
    const [, posted] = /"content":"([\d.]+)x/.exec(line) ?? [];
    if (posted === undefined) this.#fail(`a message differs from the sent one: ${line}`);
    else this.#options.onDelay(performance.now() - Number(posted));
  }

  #onOtherLine(line: string): void {
    if (line.startsWith('{"type":"ok",')) {
      if (line.includes('"dup":true')) this.#fail(`stored before: ${line}`);
      this.#acks++;
    } else if (line.startsWith('{"type":"ping"')) this.#write(PONG);
    else if (line.startsWith('{"type":"room",')) this.#joined.resolve();
    else if (/^\{"type":"(error|bye|message)"/.test(line)) this.#fail(line);
  }

  #fail(why: string): void {
    this.fault ??= `${this.#options.name}: ${why}`;
    this.#joined.reject(new Error(this.fault));
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
