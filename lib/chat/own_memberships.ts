// A user's own connections hear of each membership of theirs that begins or ends: one of them has joined
// or left, here or on another server, and the others are to follow. What another server says of it is
// told when the store confirms it.

import type { Repository, RoomId, UserId } from "../store/repository.ts";
import type { ServerFrame } from "../wire/frame.ts";
import { may } from "./access.ts";
import { type Account, Principal } from "./principal.ts";
import { Budget } from "../cluster/notice_budget.ts";
import type { MembershipChange } from "../cluster/bus.ts";
import type { Clock } from "../time.ts";
import { authorFields, authorOf } from "./events.ts";
import type { Room } from "./room.ts";

/** How often the store is asked because of notices; what is above it is not told. */
const ASKED = { most: 200, perSecond: 100 };
/** Memberships of which the last change told is remembered; the next one begins afresh. */
const REMEMBERED = 1_000;

/** A room as far as its members are told of it. */
type NamedRoom = Pick<Room, "id" | "name">;

/** The connections of one server, by user. */
export interface Connections {
  has(user: UserId): boolean;
  /** Ends the hearing of the room on all of the user's; whether any heard it. */
  unsubscribe(user: UserId, room: Room): boolean;
  /** Sends an event to all of the user's, but not to `except` nor to subscribers of `unlessHearing`. */
  tell(
    user: UserId,
    event: ServerFrame,
    options: { except?: unknown; unlessHearing?: RoomId | undefined },
  ): void;
}

export interface OwnMembershipsOptions {
  readonly repository: Pick<Repository, "users" | "members" | "rooms">;
  readonly clock: Clock;
  readonly connections: Connections;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
  /** Whether all who hear the room are told of each who comes. */
  readonly tellsEach: (room: Room) => boolean;
}

/** What has happened to a user's membership. */
export interface OwnChange {
  readonly change: MembershipChange["change"];
  readonly account: Account;
}

export class OwnMemberships {
  readonly #options: OwnMembershipsOptions;
  readonly #budget: Budget;
  /** The last change told of a user in a room: a notice that comes again is no news. */
  readonly #told = new Map<string, MembershipChange["change"]>();

  constructor(options: OwnMembershipsOptions) {
    this.#options = options;
    this.#budget = new Budget(ASKED, () => options.clock.monotonic());
  }

  /** A change here: all but the connection that asked for it are told. */
  tell(room: NamedRoom, { change, account, asker }: OwnChange & { asker?: unknown }): void {
    const { connections, findRoom, tellsEach } = this.#options;
    const { user } = account;
    this.#remember(user, { room: room.id, change });
    if (!connections.has(user)) return;
    // Whoever hears a small room is told of all who come, oneself included.
    const heard = findRoom(room.id);
    const isTold = change === "joined" && heard !== undefined && tellsEach(heard);
    connections.tell(user, membershipEvent(room, { change, account, now: this.#now() }), {
      except: asker,
      unlessHearing: isTold ? room.id : undefined,
    });
  }

  /** A change on another server, as it says. @throws what the store throws */
  async note({ room, change, user }: MembershipChange): Promise<void> {
    const { connections, findRoom, repository: { users, members, rooms } } = this.#options;
    if (!connections.has(user) || this.#told.get(keyOf(user, room)) === change) return;
    if (!this.#budget.take()) return;
    const isMember = (await members.among(user, [room])).has(room);
    if (isMember !== (change === "joined")) return;
    const named = findRoom(room) ?? await rooms.get(room);
    const known = (await users.findMany([user])).get(user);
    if (named === undefined || known === undefined) return;
    const account = { user, name: known.name, role: known.role };
    if (may(new Principal(account), "see", named)) this.tell(named, { change, account });
  }

  #remember(
    user: UserId,
    { room, change }: { room: RoomId; change: MembershipChange["change"] },
  ): void {
    if (this.#told.size >= REMEMBERED) this.#told.clear();
    this.#told.set(keyOf(user, room), change);
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** The event `joined` or `left`. */
export function membershipEvent(
  room: NamedRoom,
  { change, account, now }: OwnChange & { now: number },
): ServerFrame<"joined" | "left"> {
  return {
    type: change,
    room: room.name,
    ...authorFields(authorOf(account)),
    time: now,
  };
}

function keyOf(user: UserId, room: RoomId): string {
  return `${user} ${room}`;
}
