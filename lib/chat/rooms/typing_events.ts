// Who is typing in a direct conversation or an inquiry: events that are not stored, sent on every server.
// Knows no connection and no SQL.

import type { Cluster } from "../../cluster/cluster.ts";
import { TokenBucket } from "../../collections/token_bucket.ts";
import type { Users } from "../../store/repository.ts";
import type { RoomId, UserId } from "../../store/records.ts";
import type { MonotonicClock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";
import { may } from "../access.ts";
import { type Account, Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** One event of a user in a room is sent in this time, in milliseconds. */
const EVERY_MS = 2_000;
/** How many last events are remembered; at the next one all of them are forgotten. */
const REMEMBERED = 1_000;
/** How often the store is asked because of notices; a notice above that is dropped. */
const NOTICED = { burst: 50, perSecond: 20 };

interface TypingEventsOptions {
  readonly clock: MonotonicClock;
  readonly users: Pick<Users, "findMany">;
  readonly cluster: Pick<Cluster, "typing">;
  /** The room `desk`: its subscribers are shown the writers of every inquiry. */
  readonly findDesk: () => Room | undefined;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
}

export class TypingEvents {
  readonly #options: TypingEventsOptions;
  readonly #budget = new TokenBucket(NOTICED);
  /** When the last event of a user in a room was sent, by both. */
  readonly #sentAt = new Map<string, number>();

  constructor(options: TypingEventsOptions) {
    this.#options = options;
  }

  /**
   * The principal is typing in a room that they may see.
   * @throws {ChatError} bad_field for a room of another kind; forbidden for who may not write there
   */
  note(room: Room, principal: Principal): void {
    if (!isShown(room)) {
      const message =
        `"${room.name}" is no direct conversation and no inquiry: typing is not shown there`;
      throw new ChatError("bad_field", message, { field: "room" });
    }
    if (!mayWrite(principal, room)) {
      const message = `You may not write in "${room.nameFor(principal.user)}"`;
      throw new ChatError("forbidden", message, { field: "room" });
    }
    if (this.#send(room, principal)) this.#options.cluster.typing(room.id, principal.user);
  }

  /** Another server says that a user is typing. @throws what the store throws */
  async receive({ room: id, user }: { room: RoomId; user: UserId }): Promise<void> {
    const { clock, users, findRoom } = this.#options;
    const room = findRoom(id);
    if (room === undefined || !isShown(room) || room.subscribers === 0) return;
    if (!this.#budget.tryTake(clock.monotonic())) return;
    const record = (await users.findMany([user])).get(user);
    if (record === undefined) return;
    const account = { user, name: record.name, role: record.role };
    if (mayWrite(new Principal(account), room)) this.#send(room, account);
  }

  /** @returns whether it was sent, and not too soon after the one before */
  #send(room: Room, { user, name: from }: Account): boolean {
    const now = this.#options.clock.monotonic();
    const key = `${room.id} ${user}`;
    const before = this.#sentAt.get(key);
    if (before !== undefined && now - before < EVERY_MS) return false;
    if (this.#sentAt.size >= REMEMBERED) this.#sentAt.clear();
    this.#sentAt.set(key, now);
    const event = { type: "typing", room: room.name, user, from } as const;
    room.broadcast(event);
    if (room.kind === "inquiry") this.#options.findDesk()?.broadcast(event);
    return true;
  }
}

function isShown({ kind }: Room): boolean {
  return kind === "direct" || kind === "inquiry";
}

function mayWrite(principal: Principal, room: Room): boolean {
  return may(principal, "send", room) || may(principal, "respond", room);
}
