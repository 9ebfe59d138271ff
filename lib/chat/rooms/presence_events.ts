// Who comes and goes in small rooms: events that are not stored. A user who is back soon, on any server,
// has not gone. Knows no connection and no SQL.

import type { Users } from "../../store/repository.ts";
import type { RoomId, UserId } from "../../store/records.ts";
import type { MonotonicClock } from "../../time.ts";
import { standingIn } from "../access.ts";
import { Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** Rooms with more subscribers than this are sent nothing. */
const MOST_SUBSCRIBERS = 50;
/** A return within this time is not sent, nor is the departure, in milliseconds. */
const RETURN_MS = 15_000;
/** Changes that may wait to be sent; further ones are not. */
const MOST_WAITING = 10_000;
/** Changes that are sent in one sweep; the others wait. */
const SENT_AT_ONCE = 1_000;

/** A user has come to a room or gone from it. */
interface PresenceChange {
  readonly room: RoomId;
  readonly user: UserId;
  readonly isHere: boolean;
  /** When it is sent, monotonic milliseconds. */
  readonly due: number;
}

interface PresenceEventsOptions {
  readonly clock: MonotonicClock;
  readonly users: Pick<Users, "findMany">;
  /** The room `desk`: its subscribers are shown the readers of every inquiry. */
  readonly findDesk: () => Room | undefined;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
}

export class PresenceEvents {
  readonly #options: PresenceEventsOptions;
  /** Until then no arrival is sent: users who were here before this server started are back. */
  readonly #quietUntil: number;
  /** The changes that wait, by room and user. */
  readonly #waiting = new Map<string, PresenceChange>();

  constructor(options: PresenceEventsOptions) {
    this.#options = options;
    this.#quietUntil = options.clock.monotonic() + RETURN_MS;
  }

  /** The user has a first subscription to the room, on all servers as far as is known. */
  noteCame(room: Room, user: UserId): void {
    const key = keyOf(room.id, user);
    const before = this.#waiting.get(key);
    if (before?.isHere === false) {
      this.#waiting.delete(key);
      return;
    }
    const now = this.#options.clock.monotonic();
    if (now >= this.#quietUntil) this.#wait(room, { room: room.id, user, isHere: true, due: now });
  }

  /** The user has no subscription to the room any more, on no server. */
  noteWent(room: Room, user: UserId): void {
    const key = keyOf(room.id, user);
    if (this.#waiting.get(key)?.isHere === true) {
      // Nobody was sent that they came.
      this.#waiting.delete(key);
      return;
    }
    const due = this.#options.clock.monotonic() + RETURN_MS;
    this.#wait(room, { room: room.id, user, isHere: false, due });
  }

  /** Sends the changes that are due; to be called about once a second. @throws what the store throws */
  async sweep(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const due: PresenceChange[] = [];
    for (const [key, change] of this.#waiting) {
      if (change.due > now) continue;
      this.#waiting.delete(key);
      due.push(change);
      if (due.length === SENT_AT_ONCE) break;
    }
    if (due.length === 0) return;
    const users = await this.#options.users.findMany([...new Set(due.map(({ user }) => user))]);
    for (const { room: id, user, isHere } of due) {
      const room = this.#options.findRoom(id);
      const record = users.get(user);
      if (room === undefined || record === undefined || !isSmall(room)) continue;
      // The store was asked meanwhile.
      if (room.isHere(user) !== isHere) continue;
      const { name, role } = record;
      const event = { type: "presence", room: room.name, user, from: name, here: isHere } as const;
      // In an inquiry only other operators see that an operator reads.
      const isSeen = room.kind !== "inquiry" ||
        standingIn(room, new Principal({ user, name, role })) !== "none";
      if (isSeen) room.broadcast(event);
      if (room.kind === "inquiry") this.#options.findDesk()?.broadcast(event);
    }
  }

  #wait(room: Room, change: PresenceChange): void {
    if (!isSmall(room) || this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(keyOf(room.id, change.user), change);
  }
}

/** Whether there are subscribers to send a change to, and not too many. */
function isSmall({ subscribers }: Room): boolean {
  return subscribers > 0 && subscribers <= MOST_SUBSCRIBERS;
}

function keyOf(room: RoomId, user: UserId): string {
  return `${room} ${user}`;
}
