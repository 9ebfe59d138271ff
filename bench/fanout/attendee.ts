// One of many who hear a room, of whom some speak: a connection that logs in, joins, counts what comes
// and says what it is told to say. Frugal, as a thousand of them share a process.

import type { Address } from "../../tests/faults/support/peer.ts";
import { LineReader } from "./line_reader.ts";
import { Tally } from "./tally.ts";

export interface AttendeeOptions {
  readonly name: string;
  readonly room: string;
  /** Of so many messages the delay of one is noted. */
  readonly lookEvery: number;
  onDelay(ms: number): void;
  /** So many of its messages were acknowledged. */
  onAcks(attendee: Attendee, count: number): void;
}

/** What a message's text is filled up to, behind the moment it was said. */
const TEXT_LENGTH = 100;
const PONG = '{"type":"pong"}\n';
const encoder = new TextEncoder();

export class Attendee implements Disposable {
  readonly tally = new Tally();
  readonly #options: AttendeeOptions;
  readonly #conn: Deno.TcpConn;
  readonly #reader: LineReader;
  readonly #entered = Promise.withResolvers<void>();
  /** Resolves when the connection is closed. */
  readonly ended: Promise<void>;
  #said = 0;
  #acked = 0;
  /** Since the last chunk. */
  #acks = 0;
  #unwritten = "";
  #isWriting = false;
  #isClosed = false;
  /** Why it is of no use any more. */
  fault: string | undefined;

  private constructor(conn: Deno.TcpConn, options: AttendeeOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#reader = new LineReader({
      room: options.room,
      lookEvery: options.lookEvery,
      onSeq: (seq) => this.tally.note(seq),
      onLook: (line) => this.#look(line),
      onOther: (line) => this.#hearOther(line),
    });
    this.#entered.promise.catch(() => {});
    this.ended = this.#listen();
  }

  /** Logs in as a guest and joins the room, which is made when it is not there. */
  static async enter(address: Address, options: AttendeeOptions): Promise<Attendee> {
    const conn = await Deno.connect(address);
    conn.setNoDelay(true);
    const attendee = new Attendee(conn, options);
    const { name, room } = options;
    const auth = { method: "guest", name };
    for (
      const frame of [
        { type: "hello", version: 1, auth },
        { type: "join", id: "join", room, create: true },
      ]
    ) attendee.#write(JSON.stringify(frame) + "\n");
    try {
      await attendee.#entered.promise;
      return attendee;
    } catch (error) {
      await attendee.close();
      throw error;
    }
  }

  get room(): string {
    return this.#options.room;
  }

  get said(): number {
    return this.#said;
  }

  get acked(): number {
    return this.#acked;
  }

  /** Says so many things; all have a `cid`, as those of a real client have. */
  say(count: number): void {
    const { name, room } = this.#options;
    const content = performance.now().toFixed(3).padEnd(TEXT_LENGTH, "x");
    let lines = "";
    for (let n = 0; n < count; n++) {
      const id = `${++this.#said}`;
      lines += `{"type":"message","id":"${id}","cid":"${name}-${id}","room":"${room}",` +
        `"content":"${content}"}\n`;
    }
    this.#write(lines);
  }

  /** Resolves when the connection is closed and nothing of it is left. */
  async close(): Promise<void> {
    this[Symbol.dispose]();
    await this.ended;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #listen(): Promise<void> {
    const reader = this.#reader;
    try {
      for (;;) {
        const count = await this.#conn.read(reader.free);
        if (count === null) break;
        reader.take(count);
        this.#tellAcks();
      }
    } catch (error) {
      if (!this.#isClosed) this.#fail(String(error));
    }
    if (!this.#isClosed) this.#fail("the connection ended");
    this[Symbol.dispose]();
  }

  #tellAcks(): void {
    const acks = this.#acks;
    if (acks === 0) return;
    this.#acks = 0;
    this.#acked += acks;
    this.#options.onAcks(this, acks);
  }

  #look(line: string): void {
    const [, said] = /"content":"([\d.]+)x/.exec(line) ?? [];
    if (said === undefined) this.#fail(`a message is not as it was said: ${line}`);
    else this.#options.onDelay(performance.now() - Number(said));
  }

  #hearOther(line: string): void {
    if (line.startsWith('{"type":"ok",')) {
      if (line.includes('"dup":true')) this.#fail(`stored before: ${line}`);
      this.#acks++;
    } else if (line.startsWith('{"type":"ping"')) this.#write(PONG);
    else if (line.startsWith('{"type":"room",')) this.#entered.resolve();
    else if (/^\{"type":"(error|bye|message)"/.test(line)) this.#fail(line);
  }

  #fail(why: string): void {
    this.fault ??= `${this.#options.name}: ${why}`;
    this.#entered.reject(new Error(this.fault));
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
