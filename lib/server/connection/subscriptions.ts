// The rooms one connection is subscribed to. Knows of the session only its principal and its outlet.

import type { Principal } from "../../chat/people/principal.ts";
import type { Lease, Room } from "../../chat/room.ts";
import type { RoomId } from "../../store/records.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { InternalErrors } from "../internal_errors.ts";
import { sleep } from "../../time.ts";
import { type Outlet, Subscription } from "./subscription.ts";

/** How long a replay waits before it asks the store again, in milliseconds. */
const REPLAY_RETRY_MS = 500;

export class Subscriptions {
  readonly #principal: Principal;
  readonly #outlet: Outlet;
  readonly #faults: InternalErrors;
  readonly #ending: StopSignal;
  readonly #subscriptions = new Map<number, Subscription>();
  /** The last replay. One at a time: each queues a portion before it sees how long the queue is. */
  #replays: Promise<void> | undefined;

  constructor(
    principal: Principal,
    options: { outlet: Outlet; faults: InternalErrors; ending: StopSignal },
  ) {
    this.#principal = principal;
    this.#outlet = options.outlet;
    this.#faults = options.faults;
    this.#ending = options.ending;
  }

  /**
   * Whether it is subscribed to the room, or to fewer than `most` of its kind: a room costs memory, and
   * is polled for other servers' events.
   */
  hasRoomFor(room: Room, { most }: { most: number }): boolean {
    // Counted by kind only where it matters: a resume asks once for each of its rooms.
    if (this.#subscriptions.size < most || this.#subscriptions.has(room.id)) return true;
    let subscribed = 0;
    for (const other of this.#subscriptions.values()) {
      if (other.room.kind === room.kind) subscribed++;
    }
    return subscribed < most;
  }

  /** Subscribes from now on. @returns a seq: every event above it arrives, in order, once */
  subscribe(room: Room): number {
    const existing = this.#subscriptions.get(room.id);
    if (existing !== undefined) return existing.boundary;
    // The connection ended while the store was asked.
    if (this.#ending.isStopped) return room.deliveredSeq;
    const subscription = this.#subscribe(room);
    subscription.begin();
    return subscription.boundary;
  }

  /**
   * Subscribes to an inquiry that the user has opened. A program asks on one connection for months: of more
   * inquiries than `most` the one subscribed to first is given up.
   */
  subscribeToOwn(inquiry: Room, { most }: { most: number }): void {
    this.subscribe(inquiry);
    if (this.#subscriptions.size <= most) return;
    const inquiries = Array.from(this.#subscriptions.values(), ({ room }) => room)
      .filter(({ kind }) => kind === "inquiry");
    for (const room of inquiries.slice(0, -most)) this.unsubscribe(room);
  }

  /**
   * Subscribes from `seq` on. The returned function, called after the reply, sends the events that were
   * missed since, then live ones.
   */
  prepareReplay(room: Room, seq: number): () => void {
    this.unsubscribe(room);
    if (this.#ending.isStopped) return () => {};
    const subscription = this.#subscribe(room);
    subscription.prepareReplay(seq);
    // Until the room knows the subscriber, nothing else keeps the room in memory.
    const lease = room.lease();
    return () => {
      const before = this.#replays ?? Promise.resolve();
      this.#replays = before.then(() => this.#replay(subscription, lease));
    };
  }

  /** Subscribes to a room that it is not subscribed to, from the event after `seq` on. */
  follow(room: Room, seq: number): void {
    if (this.has(room.id)) return;
    if (room.deliveredSeq <= seq) this.subscribe(room);
    else this.prepareReplay(room, seq)();
  }

  has(room: RoomId): boolean {
    return this.#subscriptions.has(room);
  }

  /** @returns whether it was subscribed */
  unsubscribe(room: Room): boolean {
    this.#subscriptions.get(room.id)?.end();
    return this.#subscriptions.delete(room.id);
  }

  unsubscribeAll(): void {
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
  }

  #subscribe(room: Room): Subscription {
    const subscription = new Subscription(room, {
      principal: this.#principal,
      outlet: this.#outlet,
    });
    this.#subscriptions.set(room.id, subscription);
    return subscription;
  }

  /** A store that cannot answer delays a replay; it does not end the session. */
  async #replay(subscription: Subscription, lease: Lease): Promise<void> {
    using _lease = lease;
    while (!this.#ending.isStopped) {
      try {
        return await subscription.replay();
      } catch (error) {
        this.#faults.record("replay", error);
        await sleep(REPLAY_RETRY_MS, this.#ending);
      }
    }
  }
}
