// Two clients that chat during a fault: ten messages a second, each acknowledged, received in
// order, and timed from the moment at which it was due.

import type { Frame, Peer } from "../../support/clients/peer.ts";

/** A server that can be reached. */
export interface Reachable {
  connect(): Promise<Peer>;
}

export interface BystanderReport {
  /** Messages sent, acknowledged and received. */
  readonly posted: number;
  /** From the time a message was due to its arrival, in milliseconds. */
  readonly p99Ms: number;
  readonly worstMs: number;
}

export interface BystanderOptions {
  readonly names?: readonly [speaker: string, hearer: string];
  /** How long after one message the next is due, in milliseconds. */
  readonly everyMs?: number;
}

const ROOM = "aside";
/** What says nothing of messages. */
const PRESENCE: ReadonlySet<string> = new Set(["joined", "left", "count", "ping"]);

export class Bystanders implements AsyncDisposable {
  readonly #speaker: Peer;
  readonly #hearer: Peer;
  readonly #ending = Promise.withResolvers<void>();
  readonly #delays: number[] = [];
  readonly #due: number[] = [];
  readonly #everyMs: number;
  readonly #working: Promise<unknown>;
  #posted = 0;
  /** How many will have been said, once that is known. */
  #total = Infinity;
  #isOver = false;

  private constructor(peers: { speaker: Peer; hearer: Peer }, everyMs: number) {
    this.#speaker = peers.speaker;
    this.#hearer = peers.hearer;
    this.#everyMs = everyMs;
    this.#working = Promise.all([this.#speak(), this.#receiveAcks(), this.#receive()]);
    this.#working.catch(() => {});
  }

  /** Two guests in a room of their own, who start to chat. */
  static async begin(server: Reachable, options: BystanderOptions = {}): Promise<Bystanders> {
    const { names = ["bob", "lan"], everyMs = 100 } = options;
    const speaker = await logIn(server, names[0]);
    const hearer = await logIn(server, names[1]);
    return new Bystanders({ speaker, hearer }, everyMs);
  }

  /** Ends when every sent message was received. @throws on any failure */
  async conclude(): Promise<BystanderReport> {
    this.#isOver = true;
    this.#ending.resolve();
    await this.#working;
    const sorted = this.#delays.toSorted((one, other) => one - other);
    return {
      posted: this.#posted,
      p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0,
      worstMs: sorted.at(-1) ?? 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#ending.resolve();
    this.#speaker.close();
    this.#hearer.close();
    await this.#working.catch(() => {});
  }

  /** By schedule, not after the last answer, so that a stall of the server is measured in full. */
  async #speak(): Promise<void> {
    const start = performance.now();
    while (!this.#isOver) {
      this.#say(start + this.#posted * this.#everyMs);
      await this.#pauseUntil(start + this.#posted * this.#everyMs);
    }
    this.#total = this.#posted + 1;
    this.#say(performance.now());
  }

  #say(due: number): void {
    const id = `${this.#posted++}`;
    this.#due.push(due);
    this.#speaker.send({ type: "message", id, cid: id, room: ROOM, content: `word ${id}` });
  }

  async #pauseUntil(time: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, time - performance.now()));
    await Promise.race([promise, this.#ending.promise]);
    clearTimeout(timer);
  }

  async #receiveAcks(): Promise<void> {
    for (let acked = 0; acked < this.#total;) {
      const frame = await this.#speaker.next();
      if (frame?.type === "message" || (frame !== undefined && PRESENCE.has(frame.type))) continue;
      if (frame?.type !== "ok" || frame.re !== `${acked}` || frame.dup) throw odd(frame);
      acked++;
    }
  }

  async #receive(): Promise<void> {
    for (let received = 0; received < this.#total;) {
      const frame = await this.#hearer.next();
      if (frame !== undefined && PRESENCE.has(frame.type)) continue;
      if (frame?.type !== "message" || frame.content !== `word ${received}`) throw odd(frame);
      this.#delays.push(performance.now() - (this.#due[received] ?? 0));
      received++;
    }
  }
}

async function logIn(server: Reachable, name: string): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  peer.send({ type: "hello", id: "hello", version: 1, auth, idle_ms: 0 });
  const reply = await peer.ask({ type: "join", id: "join", room: ROOM, create: true });
  if (reply?.type !== "room") throw odd(reply);
  return peer;
}

function odd(frame: Frame | undefined): Error {
  return new Error(`A bystander was disturbed: ${JSON.stringify(frame) ?? "cut off"}`);
}
