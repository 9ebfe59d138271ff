// One connection's subscription to one room: first the missed events, read a page at a time, then the
// live ones, with no gap and no overlap between them (protocol §6).

import { type Batch, EventBatch } from "../../chat/event_batch.ts";
import type { Member } from "../../chat/fanout.ts";
import type { Room } from "../../chat/room.ts";
import type { Subscriber } from "../../chat/rooms/direct_audience.ts";
import type { UserId } from "../../store/records.ts";
import { may } from "../../chat/access.ts";
import type { Principal } from "../../chat/people/principal.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";

/** Where a subscription's events go. */
export interface Outlet extends Member {
  /**
   * Resolves when so many pages of history more may be sent, or when the connection has ended: in
   * another turn of the event loop in any case.
   */
  paceHistory(pages: number): Promise<void>;
  /** Resolves when fewer than `bytes` wait to be written, or when the connection has ended. */
  whenQueueBelow(bytes: number): Promise<void>;
}

const REPLAY_PAGE = 100;
/** The next portion of a replay is sent when fewer bytes than this wait before it. */
const REPLAY_PORTION_BYTES = 32_768;

/** A subscriber that gets nothing more once it has ended, whatever is still queued for it in the room. */
export class Subscription implements Subscriber {
  readonly room: Room;
  readonly #principal: Principal;
  readonly #outlet: Outlet;
  #state: "new" | "replaying" | "live" | "ended" = "new";
  /** While replaying: this connection has been sent everything up to here. */
  #cursor = 0;

  constructor(room: Room, options: { principal: Principal; outlet: Outlet }) {
    this.room = room;
    this.#principal = options.principal;
    this.#outlet = options.outlet;
  }

  get user(): UserId {
    return this.#principal.user;
  }

  /** Every event above this arrives, in order, once. */
  get boundary(): number {
    return this.#state === "live" ? this.room.deliveredSeq : this.#cursor;
  }

  deliver(batch: Batch): boolean {
    return this.#state === "live" && this.#mayRead() && this.#outlet.deliver(batch);
  }

  /** Delivers every event from now on. */
  begin(): void {
    this.#state = "live";
    this.room.subscribe(this);
  }

  /** Sets where a replay will begin; until `replay` nothing is delivered. */
  prepareReplay(seq: number): void {
    this.#state = "replaying";
    this.#cursor = seq;
  }

  /**
   * Sends the events since the prepared seq, then delivers live ones. Until then the room does not know
   * this subscriber: nothing is buffered. @throws what the store throws; another call continues.
   */
  async replay(): Promise<void> {
    while (this.#state === "replaying") {
      if (this.#cursor >= this.room.deliveredSeq) return this.begin();
      const events = await this.room.viewFor(this.user).after(this.#cursor, REPLAY_PAGE);
      if (events.length === 0) throw new Error(`Room ${this.room.id} lacks ${this.#cursor + 1}`);
      for (const portion of portions(events)) {
        // It may have ended while this waited for the store or the peer.
        if (this.#state !== "replaying" || !this.#mayRead()) return;
        this.#outlet.deliver(portion.batch);
        this.#cursor = portion.last;
        await this.#outlet.whenQueueBelow(REPLAY_PORTION_BYTES);
        await this.#outlet.paceHistory(portion.pages);
      }
    }
  }

  /** Delivers nothing more, not even events that are queued. */
  end(): void {
    if (this.#state === "live") this.room.unsubscribe(this);
    this.#state = "ended";
  }

  #mayRead(): boolean {
    return may(this.#principal, "read", this.room);
  }
}

/** A part of a replay. */
interface Portion {
  readonly batch: Batch;
  /** The seq of its last event. */
  readonly last: number;
  /** How much it is of a page of history, by its events or by its bytes. */
  readonly pages: number;
}

/** Events in portions of about the size above which the next one waits. */
function* portions(events: readonly RoomEvent[]): Generator<Portion> {
  let batch = new EventBatch();
  for (const [place, event] of events.entries()) {
    batch.add(event);
    if (batch.units < REPLAY_PORTION_BYTES && place < events.length - 1) continue;
    const bytes = batch.lines().length;
    const pages = Math.max(batch.events.length / REPLAY_PAGE, bytes / DEFAULT_LIMITS.frame);
    yield { batch, last: event.seq, pages };
    batch = new EventBatch();
  }
}
