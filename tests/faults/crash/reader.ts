// A reader that survives any number of cuts: reads each room from its cursor, by resume, or by
// pages where more was missed than is replayed. Records all events, and those that arrived twice,
// late or never.

import type { Frame, Peer } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";
import type { ConnectionSource } from "./restarting_server.ts";
import { retryAfter } from "./retry_wait.ts";

/** The events received from a room. */
export interface Sight {
  /** Everything up to this seq was received. */
  cursor: number;
  /** What was said, by seq. */
  readonly texts: Map<number, string>;
  /**
   * While missed events are read by pages: live events wait here, and the pages end at this seq.
   */
  paging: { readonly upTo: number; readonly live: Frame[] } | undefined;
}

export interface Oddities {
  dup: number;
  reorder: number;
  miss: number;
  /** Cursors above the server's log: received events have vanished. */
  vanished: number;
  readonly unexpected: string[];
}

const PAGE = 100;
/** Errors that the faults may cause. */
const BEARS = ["unavailable"];

export class Reader {
  readonly name: string;
  readonly rooms: ReadonlyMap<string, Sight>;
  readonly oddities: Oddities = { dup: 0, reorder: 0, miss: 0, vanished: 0, unexpected: [] };
  /** How often a room was resumed, and how often that had to be done by pages. */
  readonly resumed = { whole: 0, paged: 0 };
  readonly #lateMs: number;
  #token: string | undefined;
  /** Guests that may exist, whose token was lost with the connection. */
  #lostGuests = 0;
  #target: ReadonlyMap<string, number> | undefined;
  #peer: Peer | undefined;
  /** The wait that the server has requested, in milliseconds. */
  #awayMs = 0;

  /** @param options.lateMs how long after the others it comes back, and misses more than they do */
  constructor(name: string, options: { rooms: readonly string[]; lateMs: number }) {
    const { rooms, lateMs } = options;
    this.name = name;
    this.#lateMs = lateMs;
    this.rooms = new Map(
      rooms.map((room) => [room, { cursor: 0, texts: new Map(), paging: undefined }]),
    );
  }

  /** Whether it has logged in once: later it logs in as the same user. */
  get isKnown(): boolean {
    return this.#token !== undefined;
  }

  /** Ends `run` once each room has been seen up to its seq here. */
  stopAt(target: ReadonlyMap<string, number>): void {
    this.#target = target;
    // A reader that has everything gets no further event to wait for.
    this.#peer?.send({ type: "ping" });
  }

  /** Stops reading and closes. */
  abandon(): void {
    this.#target = new Map();
    this.#peer?.close();
  }

  async run(source: ConnectionSource): Promise<void> {
    while (!this.#isDone()) {
      using peer = await source.connect();
      if (peer === undefined) return;
      this.#peer = peer;
      await pause(this.#lateMs);
      if (!await this.#resume(peer)) continue;
      while (!this.#isDone()) {
        const frame = await peer.next();
        if (frame === undefined) break;
        this.#take(peer, frame);
      }
      await pause(this.#awayMs);
      this.#awayMs = 0;
    }
  }

  #isDone(): boolean {
    const target = this.#target;
    if (target === undefined) return false;
    return [...this.rooms].every(([room, { cursor }]) => cursor >= (target.get(room) ?? 0));
  }

  #guestName(): string {
    return this.#lostGuests === 0 ? this.name : `${this.name}-${this.#lostGuests}`;
  }

  /** Logs in and resumes; false when the connection ended meanwhile. */
  async #resume(peer: Peer): Promise<boolean> {
    const auth = this.#token === undefined
      ? { method: "guest", name: this.#guestName() }
      : { method: "token", token: this.#token };
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome?.type !== "welcome") {
      if (welcome !== undefined) this.#takeRefusal(peer, welcome);
      // The guest may exist all the same, and its token is lost.
      else if (this.#token === undefined) this.#lostGuests++;
      await pause(this.#awayMs);
      return false;
    }
    this.#token ??= welcome.token;
    for (const sight of this.rooms.values()) sight.paging = undefined;
    peer.send({
      type: "resume",
      id: "resume",
      epoch: welcome.epoch,
      rooms: [...this.rooms].map(([room, { cursor }]) => ({ room, seq: cursor })),
    });
    return true;
  }

  #take(peer: Peer, frame: Frame): void {
    switch (frame.type) {
      case "message": {
        const sight = this.#sight(frame.room);
        if (sight.paging === undefined) this.#see(sight, frame);
        else sight.paging.live.push(frame);
        return;
      }
      case "resumed":
        for (const entry of frame.rooms) this.#takeResumed(peer, entry);
        return;
      case "page":
        return this.#takePage(peer, frame);
      case "ping":
      case "pong":
      case "bye":
        return;
      default:
        this.#takeRefusal(peer, frame);
    }
  }

  /** Closes, and reconnects after the requested wait. */
  #takeRefusal(peer: Peer, frame: Frame): void {
    const afterMs = retryAfter(frame, BEARS);
    if (afterMs === undefined) {
      this.oddities.unexpected.push(JSON.stringify(frame));
    } else {
      this.#awayMs = afterMs;
      peer.close();
    }
  }

  #takeResumed(peer: Peer, entry: Frame): void {
    if (entry.recovered) {
      this.resumed.whole++;
    } else if (entry.reason === "too_many") {
      this.resumed.paged++;
      this.#sight(entry.room).paging = { upTo: entry.last, live: [] };
      this.#askPage(peer, entry.room);
    } else {
      if (entry.reason === "epoch") this.oddities.vanished++;
      this.oddities.unexpected.push(JSON.stringify(entry));
    }
  }

  #askPage(peer: Peer, room: string): void {
    const after = this.#sight(room).cursor;
    peer.send({ type: "history", id: `page ${room}`, room, after, limit: PAGE });
  }

  #takePage(peer: Peer, { room, events }: Frame): void {
    const sight = this.#sight(room);
    const { paging } = sight;
    if (paging === undefined) return;
    for (const event of events) if (event.seq <= paging.upTo) this.#see(sight, event);
    if (sight.cursor < paging.upTo && events.length > 0) return this.#askPage(peer, room);
    sight.paging = undefined;
    for (const event of paging.live) this.#see(sight, event);
  }

  #see(sight: Sight, { seq, content }: Frame): void {
    if (sight.texts.has(seq)) this.oddities.dup++;
    else if (seq <= sight.cursor) this.oddities.reorder++;
    else if (seq > sight.cursor + 1) this.oddities.miss += seq - sight.cursor - 1;
    sight.texts.set(seq, content);
    sight.cursor = Math.max(sight.cursor, seq);
  }

  #sight(room: string): Sight {
    const sight = this.rooms.get(room);
    if (sight === undefined) throw new Error(`Nobody asked to hear ${room}`);
    return sight;
  }
}
