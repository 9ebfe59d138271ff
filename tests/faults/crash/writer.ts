// A writer that survives any number of cuts: at most 16 unanswered messages, all of them sent again
// under the same cids after a connection has ended. A message that the server cannot store now is
// sent again after the requested wait.

import type { Frame, Peer } from "../../support/clients/peer.ts";
import type { Ledger } from "./ledger.ts";
import { pause } from "../../support/waiting.ts";
import type { ConnectionSource } from "./restarting_server.ts";
import { retryAfter } from "./retry_wait.ts";
import { textOf } from "./texts.ts";

const IN_FLIGHT = 16;

export interface WriterOptions {
  readonly name: string;
  readonly rooms: readonly string[];
  readonly ledger: Ledger;
  /** The expected refusals; `unavailable` by default. */
  readonly bears?: readonly string[];
}

export class Writer {
  readonly #options: WriterOptions;
  /** When each was last sent; those that wait for a resend have no time. */
  readonly #unacked = new Map<string, number | undefined>();
  readonly #postponed = new Set<ReturnType<typeof setTimeout>>();
  #peer: Peer | undefined;
  #token: string | undefined;
  /** Guests that may exist, whose token was lost with the connection. */
  #lostGuests = 0;
  #count = 0;
  #isStopping = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Whether it has logged in once: later it logs in as the same user. */
  get isKnown(): boolean {
    return this.#token !== undefined;
  }

  /** Sends nothing new; `run` ends when everything is answered. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Drops unanswered messages and closes. */
  abandon(): void {
    this.#isStopping = true;
    this.#unacked.clear();
    this.#peer?.close();
  }

  async run(source: ConnectionSource): Promise<void> {
    while (!this.#isDone()) {
      using peer = await source.connect();
      if (peer === undefined) return;
      this.#peer = peer;
      if (!await this.#logIn(peer)) continue;
      for (const cid of this.#unacked.keys()) this.#say(peer, cid);
      try {
        await this.#converse(peer);
      } finally {
        for (const timer of this.#postponed) clearTimeout(timer);
        this.#postponed.clear();
      }
    }
  }

  #isDone(): boolean {
    return this.#isStopping && this.#unacked.size === 0;
  }

  async #logIn(peer: Peer): Promise<boolean> {
    const auth = this.#token === undefined
      ? { method: "guest", name: this.#guestName() }
      : { method: "token", token: this.#token };
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome === undefined) {
      // The guest may exist all the same, and its token is lost.
      if (this.#token === undefined) this.#lostGuests++;
      return false;
    }
    if (welcome.type === "welcome") {
      this.#token ??= welcome.token;
      return true;
    }
    const { ledger, bears = ["unavailable"] } = this.#options;
    const afterMs = retryAfter(welcome, bears);
    if (afterMs === undefined) ledger.refusals.push(JSON.stringify(welcome));
    else await pause(afterMs);
    return false;
  }

  #guestName(): string {
    const { name } = this.#options;
    return this.#lostGuests === 0 ? name : `${name}-${this.#lostGuests}`;
  }

  async #converse(peer: Peer): Promise<void> {
    while (!this.#isDone()) {
      while (!this.#isStopping && this.#unacked.size < IN_FLIGHT) this.#offer(peer);
      const frame = await peer.next();
      if (frame === undefined) return;
      this.#take(peer, frame);
    }
  }

  #offer(peer: Peer): void {
    const cid = `${this.#options.name}-${++this.#count}`;
    this.#options.ledger.offer(cid, this.#roomOf(cid));
    this.#say(peer, cid);
  }

  #say(peer: Peer, cid: string): void {
    this.#unacked.set(cid, performance.now());
    peer.send({ type: "message", id: cid, cid, room: this.#roomOf(cid), content: textOf(cid) });
  }

  #roomOf(cid: string): string {
    const { rooms } = this.#options;
    return rooms[Number(cid.slice(cid.lastIndexOf("-") + 1)) % rooms.length] ?? "";
  }

  #take(peer: Peer, frame: Frame): void {
    if (frame.type === "ping" || frame.type === "bye") return;
    const { ledger, bears = ["unavailable"] } = this.#options;
    const cid = String(frame.re);
    const afterMs = retryAfter(frame, bears);
    ledger.noteAnswer(performance.now() - (this.#unacked.get(cid) ?? Infinity));
    if (frame.type === "ok") {
      ledger.ack({
        cid,
        room: frame.room,
        seq: frame.seq,
        isDup: frame.dup === true,
      });
      this.#unacked.delete(cid);
    } else if (afterMs !== undefined) {
      ledger.postpone(frame.code);
      this.#sayLater(peer, { cid, afterMs });
    } else {
      ledger.refusals.push(JSON.stringify(frame));
      this.#unacked.delete(cid);
    }
  }

  #sayLater(peer: Peer, { cid, afterMs }: { cid: string; afterMs: number }): void {
    this.#unacked.set(cid, undefined);
    const timer = setTimeout(() => {
      this.#postponed.delete(timer);
      this.#say(peer, cid);
    }, afterMs);
    this.#postponed.add(timer);
  }
}
