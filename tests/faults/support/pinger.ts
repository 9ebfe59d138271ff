// One who pings by schedule, whatever else goes on: a server that stands still is noticed in full.

import type { ChildServer } from "./child_server.ts";
import type { Peer } from "./peer.ts";
import { pause } from "./waiting.ts";

const EVERY_MS = 20;

export interface PingReport {
  /** Pings answered. */
  readonly pings: number;
  /** From the moment a ping was due to its answer, in milliseconds. */
  readonly p99Ms: number;
  readonly worstMs: number;
}

export class Pinger implements AsyncDisposable {
  readonly #peer: Peer;
  readonly #started = performance.now();
  readonly #delays: number[] = [];
  readonly #working: Promise<unknown>;
  #sent = 0;
  #isOver = false;

  private constructor(peer: Peer) {
    this.#peer = peer;
    this.#working = Promise.all([this.#send(), this.#hear()]);
    // Told where it is waited for.
    this.#working.catch(() => {});
  }

  /** Begins at once, as a guest of this name. */
  static async begin(server: ChildServer, name: string): Promise<Pinger> {
    const peer = await server.connect();
    const auth = { method: "guest", name };
    await peer.ask({ type: "hello", id: "hello", version: 1, auth, idle_ms: 0 });
    return new Pinger(peer);
  }

  /** Ends when every ping is answered. @throws when one is not, or something else came */
  async conclude(): Promise<PingReport> {
    this.#isOver = true;
    await this.#working;
    const sorted = this.#delays.toSorted((one, other) => one - other);
    return {
      pings: sorted.length,
      p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Infinity,
      worstMs: sorted.at(-1) ?? Infinity,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#peer.close();
    await this.#working.catch(() => {});
  }

  async #send(): Promise<void> {
    while (!this.#isOver) {
      await pause(Math.max(0, this.#dueAt(this.#sent) - performance.now()));
      this.#peer.send({ type: "ping", id: this.#sent++ });
    }
  }

  async #hear(): Promise<void> {
    while (!this.#isOver || this.#delays.length < this.#sent) {
      const frame = await this.#peer.next();
      const due = this.#delays.length;
      if (frame?.type !== "pong" || frame.re !== due) {
        throw new Error(`No pong ${due} but ${JSON.stringify(frame) ?? "the end"}`);
      }
      this.#delays.push(performance.now() - this.#dueAt(due));
    }
  }

  #dueAt(ping: number): number {
    return this.#started + ping * EVERY_MS;
  }
}
