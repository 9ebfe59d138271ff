// The subscribers of a direct conversation: each of the two gets its events under the name of the other.
// The fan-out does the rest.

import type { RoomRecord, UserId } from "../../store/records.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { Audience, type Fanout, type Member } from "../fanout.ts";
import { roomNameFor } from "./direct_names.ts";

/** A member of a room's audience, on behalf of a user. */
export interface Subscriber extends Member {
  readonly user: UserId;
}

/** Those that a room's events are delivered to. */
export interface RoomAudience {
  readonly size: number;
  add(subscriber: Subscriber): void;
  delete(subscriber: Subscriber): void;
  publish(event: ServerFrame): void;
  publishTo(event: ServerFrame, isReader: (subscriber: Subscriber) => boolean): void;
}

export class DirectAudience implements RoomAudience {
  readonly #fanout: Fanout;
  readonly #recordNow: () => Pick<RoomRecord, "name" | "pair">;
  /** An audience for each user: their batches are encoded apart. */
  readonly #byUser = new Map<UserId, Audience<Subscriber>>();

  constructor(fanout: Fanout, recordNow: () => Pick<RoomRecord, "name" | "pair">) {
    this.#fanout = fanout;
    this.#recordNow = recordNow;
  }

  get size(): number {
    let size = 0;
    for (const audience of this.#byUser.values()) size += audience.size;
    return size;
  }

  add(subscriber: Subscriber): void {
    const { user } = subscriber;
    const audience = this.#byUser.get(user) ?? new Audience<Subscriber>(this.#fanout);
    this.#byUser.set(user, audience);
    audience.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.#byUser.get(subscriber.user)?.delete(subscriber);
  }

  publish(event: ServerFrame): void {
    for (const [user, audience] of this.#byUser) audience.publish(this.#eventFor(event, user));
  }

  publishTo(event: ServerFrame, isReader: (subscriber: Subscriber) => boolean): void {
    for (const [user, audience] of this.#byUser) {
      audience.publishTo(this.#eventFor(event, user), isReader);
    }
  }

  #eventFor(event: ServerFrame, user: UserId): ServerFrame {
    if (!("room" in event)) return event;
    return { ...event, room: roomNameFor(this.#recordNow(), user) } as ServerFrame;
  }
}
