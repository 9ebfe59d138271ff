// Collects what happens on this server and publishes it once a turn of the event loop, in as few
// notices as the bus can carry.

import type { Schedule } from "../chat/fanout.ts";
import { TokenBucket } from "../collections/token_bucket.ts";
import type { RoomId, UserId } from "../store/records.ts";
import type { Bus, PresenceEntry } from "./bus.ts";
import { portionBytes, portionsOfPeople, portionsOfRooms } from "./notice_portions.ts";

export interface NoticePublisherOptions {
  readonly bus: Bus;
  readonly schedule: Schedule;
  readonly monotonic: () => number;
  /** A user's connections to this server, and the name they have. */
  readonly findLocal: (user: UserId) => { name: string; connections: number } | undefined;
  readonly localUsers: () => Iterable<UserId>;
}

/** How often the list of all users here is published. */
const LISTS = { burst: 4, perSecond: 2 };

export class NoticePublisher {
  readonly #options: NoticePublisherOptions;
  /** The rooms to which each user is subscribed here. */
  readonly #rooms = new Map<UserId, Set<RoomId>>();
  readonly #lists = new TokenBucket(LISTS);
  // To be published in the next turn.
  #grown = new Map<RoomId, number>();
  #changed = new Set<UserId>();
  #isListWanted = false;
  #isScheduled = false;
  #isStopped = false;
  /** Of the entries that have been published. */
  #version = 0;

  constructor(options: NoticePublisherOptions) {
    this.#options = options;
  }

  eventsStored(room: RoomId, seq: number): void {
    this.#grown.set(room, seq);
    this.#schedule();
  }

  presenceChanged(user: UserId): void {
    this.#changed.add(user);
    this.#schedule();
  }

  subscribed(room: RoomId, user: UserId): void {
    const rooms = this.#rooms.get(user);
    if (rooms === undefined) this.#rooms.set(user, new Set([room]));
    else rooms.add(room);
    this.presenceChanged(user);
  }

  unsubscribed(room: RoomId, user: UserId): void {
    const rooms = this.#rooms.get(user);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#rooms.delete(user);
    this.presenceChanged(user);
  }

  /** Another server has asked for the list of users here. */
  requestList(): void {
    this.#isListWanted = true;
    this.#schedule();
  }

  heartbeat(): void {
    this.#options.bus.publish({ type: "pulse", version: this.#version });
    if (this.#isListWanted) this.#schedule();
  }

  /** Publishes the last notice of this server. */
  stop(): void {
    this.#isStopped = true;
    this.#options.bus.publish({ type: "leaving" });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.schedule(() => this.#publishPending());
  }

  #publishPending(): void {
    this.#isScheduled = false;
    if (this.#isStopped) return;
    const { bus } = this.#options;
    if (this.#grown.size > 0) {
      const grown = this.#grown;
      this.#grown = new Map();
      for (const rooms of portionsOfRooms(grown, portionBytes(bus.maxBytes))) {
        bus.publish({ type: "grown", rooms });
      }
    }
    const changed = this.#changed;
    this.#changed = new Set();
    for (const people of this.#portionsOf(changed)) {
      bus.publish({ type: "people", version: ++this.#version, people });
    }
    if (this.#isListWanted) this.#publishList();
  }

  /** One list answers all servers that have asked; if they ask too often, the next heartbeat's turn. */
  #publishList(): void {
    const { bus, localUsers, monotonic } = this.#options;
    if (!this.#lists.tryTake(monotonic())) return;
    this.#isListWanted = false;
    const portions = [...this.#portionsOf(localUsers())];
    if (portions.length === 0) portions.push([]);
    for (const [part, people] of portions.entries()) {
      const parts = portions.length;
      bus.publish({ type: "everyone", version: this.#version, part, parts, people });
    }
  }

  #portionsOf(users: Iterable<UserId>): Iterable<readonly PresenceEntry[]> {
    const people = Array.from(users, (user) => this.#entryOf(user));
    return portionsOfPeople(people, portionBytes(this.#options.bus.maxBytes));
  }

  #entryOf(user: UserId): PresenceEntry {
    const { name, connections } = this.#options.findLocal(user) ?? { name: "", connections: 0 };
    return { user, name, connections, rooms: [...this.#rooms.get(user) ?? []] };
  }
}
