// One of many subscribers: checks that the seqs of a room arrive one by one, so cheaply that a
// thousand of them fit beside the tested server. Reads only the beginning of each frame.

import type { Address } from "../../support/clients/peer.ts";

export interface SeqSubscriberOptions {
  readonly name: string;
  readonly room: string;
  /** Told of each message in the turn in which it arrives. */
  readonly onMessage?: (seq: number) => void;
}

/** How much of a frame is read. */
const HEAD = 160;
const NEWLINE = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class SeqSubscriber implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #onMessage: ((seq: number) => void) | undefined;
  readonly #entered = Promise.withResolvers<void>();
  readonly #head = new Uint8Array(HEAD);
  #headLength = 0;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  /** The seq of the last message; 0 before the first. */
  last = 0;
  receivedCount = 0;
  /** Messages that arrived twice or late, and missing ones. */
  readonly errors = { back: 0, missed: 0 };
  #isClosed = false;

  private constructor(conn: Deno.TcpConn, onMessage: SeqSubscriberOptions["onMessage"]) {
    this.#conn = conn;
    this.#onMessage = onMessage;
    this.#entered.promise.catch(() => {});
    this.ended = this.#listen();
  }

  /** Logs in as a guest and joins the room, which is created if necessary. */
  static async join(
    address: Address,
    { name, room, onMessage }: SeqSubscriberOptions,
  ): Promise<SeqSubscriber> {
    const conn = await Deno.connect(address);
    const subscriber = new SeqSubscriber(conn, onMessage);
    const lines = [
      { type: "hello", version: 1, auth: { method: "guest", name } },
      { type: "join", id: "join", room, create: true },
    ];
    await conn.write(encoder.encode(lines.map((line) => JSON.stringify(line) + "\n").join("")));
    await subscriber.#entered.promise;
    return subscriber;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const length = await this.#conn.read(buffer);
        if (length === null) break;
        this.#take(buffer.subarray(0, length));
      }
    } catch {
      // Cut, or closed here: both are an end.
    }
    this.#entered.reject(new Error("The connection ended before the room was entered"));
    this.close();
  }

  #take(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, start);
      this.#keepHead(bytes.subarray(start, end === -1 ? bytes.length : end));
      if (end === -1) return;
      this.#receive(decoder.decode(this.#head.subarray(0, this.#headLength)));
      this.#headLength = 0;
      start = end + 1;
    }
  }

  #keepHead(part: Uint8Array): void {
    const kept = part.subarray(0, HEAD - this.#headLength);
    this.#head.set(kept, this.#headLength);
    this.#headLength += kept.length;
  }

  #receive(head: string): void {
    const [, seq] = /^\{"type":"message",.*?"seq":(\d+)/.exec(head) ?? [];
    if (seq !== undefined) return this.#note(Number(seq));
    if (head.startsWith('{"type":"room"')) this.#entered.resolve();
    if (head.startsWith('{"type":"error"')) this.#entered.reject(new Error(head));
  }

  #note(seq: number): void {
    this.receivedCount++;
    // Who comes late begins where it comes in.
    if (seq <= this.last) this.errors.back++;
    else if (this.last > 0) this.errors.missed += seq - this.last - 1;
    this.last = Math.max(this.last, seq);
    this.#onMessage?.(seq);
  }
}
