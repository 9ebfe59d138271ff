// Sends messages by schedule and not after the last answer, so that a stall of the server is
// measured in full; a subscriber can compute the delay of each message.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";

export interface ScheduledSenderOptions {
  readonly name: string;
  readonly room: string;
  /** Milliseconds from one message to the next. */
  readonly everyMs: number;
  readonly text: string;
}

/** The most unanswered messages; the server accepts no more of one connection either. */
const MOST_UNANSWERED = 64;

export class ScheduledSender implements Disposable {
  readonly #peer: Peer;
  readonly #options: ScheduledSenderOptions;
  readonly #due: number[] = [];
  /** Resolves with the first thing that is not as it should be. */
  readonly #reading: Promise<void>;
  #acked = 0;
  /** How late the latest message was sent, in milliseconds: the speaker's own fault. */
  latestMs = 0;

  private constructor(peer: Peer, options: ScheduledSenderOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#reading = this.#receiveAcks();
    this.#reading.catch(() => {});
  }

  /** Joins a room without messages. */
  static async join(
    server: ChildServer,
    options: ScheduledSenderOptions,
  ): Promise<ScheduledSender> {
    const { name, room } = options;
    const peer = await server.connect({ patienceMs: 60_000 });
    peer.send({ type: "hello", id: "hello", version: 1, auth: { method: "guest", name } });
    const reply = await peer.ask({ type: "join", id: "join", room, create: true });
    if (reply?.type !== "room" || reply.last !== 0) throw new Error(JSON.stringify(reply));
    return new ScheduledSender(peer, options);
  }

  /** How many were said; the last one's seq. */
  get sentCount(): number {
    return this.#due.length;
  }

  get acked(): number {
    return this.#acked;
  }

  /** When the message of this seq was due. */
  due(seq: number): number {
    return this.#due[seq - 1] ?? NaN;
  }

  /** Sends for this time. @throws on a wrong answer */
  async run(forMs: number): Promise<void> {
    const { everyMs } = this.#options;
    const started = performance.now();
    for (let n = 0; n * everyMs < forMs; n++) {
      const due = started + n * everyMs;
      if (due > performance.now()) await pause(due - performance.now());
      while (this.sentCount - this.#acked >= MOST_UNANSWERED) await this.#orFail(pause(1));
      this.latestMs = Math.max(this.latestMs, performance.now() - due);
      this.#say(due);
    }
  }

  /** Resolves when everything said is acknowledged. */
  async settle(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.#acked < this.sentCount) {
      if (performance.now() > deadline) {
        throw new Error(`${this.sentCount - this.#acked} unanswered`);
      }
      await this.#orFail(pause(5));
    }
  }

  [Symbol.dispose](): void {
    this.#peer.close();
  }

  #say(due: number): void {
    const { room, text } = this.#options;
    this.#due.push(due);
    const id = String(this.sentCount);
    this.#peer.send({ type: "message", id, cid: id, room, content: text });
  }

  /** Until the connection ends. */
  async #receiveAcks(): Promise<void> {
    for (let frame = await this.#peer.next(); frame; frame = await this.#peer.next()) {
      if (frame.type === "error" || frame.type === "bye") throw new Error(JSON.stringify(frame));
      if (frame.type !== "ok") continue;
      if (frame.seq !== ++this.#acked || frame.dup) throw new Error(JSON.stringify(frame));
    }
  }

  async #orFail(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.#reading.then(() => Promise.reject(new Error("Cut off")))]);
  }
}
