// The rooms one connection hears. Knows the session only by who it is and where lines go.

import type { Principal } from "../../chat/principal.ts";
import type { Lease, Room } from "../../chat/room.ts";
import type { RoomId } from "../../store/repository.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { Faults } from "../faults.ts";
import { sleep } from "../../time.ts";
import { type Outlet, Subscription } from "./subscription.ts";

/** How long a replay waits before it asks a store again that could not answer. */
const REPLAY_RETRY_MS = 500;

export class Subscriptions {
  readonly #principal: Principal;
  readonly #outlet: Outlet;
  readonly #faults: Faults;
  readonly #ending: StopSignal;
  readonly #subscriptions = new Map<number, Subscription>();
  /** One after the other: each puts a portion on the queue before it sees how long that is. */
  #replays = Promise.resolve();

  constructor(
    principal: Principal,
    options: { outlet: Outlet; faults: Faults; ending: StopSignal },
  ) {
    this.#principal = principal;
    this.#outlet = options.outlet;
    this.#faults = options.faults;
    this.#ending = options.ending;
  }

  /**
   * Whether the room is heard, or fewer than `most` of its kind are: a room costs memory, and other
   * servers' events in it are asked for.
   */
  hasRoomFor(room: Room, { most }: { most: number }): boolean {
    if (this.#subscriptions.has(room.id)) return true;
    let heard = 0;
    for (const other of this.#subscriptions.values()) if (other.room.kind === room.kind) heard++;
    return heard < most;
  }

  /** Hears what is told from now on; the answer is the boundary: all above it arrives. */
  subscribe(room: Room): number {
    const heard = this.#subscriptions.get(room.id);
    if (heard !== undefined) return heard.boundary;
    // The connection went while the store was asked: nobody is there to hear.
    if (this.#ending.isStopped) return room.deliveredSeq;
    const subscription = this.#subscribe(room);
    subscription.begin();
    return subscription.boundary;
  }

  /** Hears from `seq` on, once the returned function is called. */
  prepareReplay(room: Room, seq: number): () => void {
    this.unsubscribe(room);
    if (this.#ending.isStopped) return () => {};
    const subscription = this.#subscribe(room);
    subscription.prepareReplay(seq);
    // Until it is a listener of the room, nothing else keeps the room in memory.
    const lease = room.lease();
    return () => {
      this.#replays = this.#replays.then(() => this.#replay(subscription, lease));
    };
  }

  has(room: RoomId): boolean {
    return this.#subscriptions.has(room);
  }

  /** Whether there was anything to stop. */
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

  /** A store that cannot answer holds a replay up; it does not end the session. */
  async #replay(subscription: Subscription, lease: Lease): Promise<void> {
    using _lease = lease;
    while (!this.#ending.isStopped) {
      try {
        return await subscription.replay();
      } catch (error) {
        this.#faults.note("replay", error);
        await sleep(REPLAY_RETRY_MS, this.#ending);
      }
    }
  }
}
