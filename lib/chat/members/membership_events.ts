// Tells who has joined or left a room: the room's subscribers, the user's other connections, and the other
// servers. A notice of another server may be late, doubled or forged, so the store is asked who a user is,
// and whether the user is a member.

import type { Repository } from "../../store/repository.ts";
import type { EndedToken, RoomId, UserId, UserRecord } from "../../store/records.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { MembershipChange } from "../../cluster/bus.ts";
import { TokenBucket } from "../../collections/token_bucket.ts";
import type { Clock } from "../../time.ts";
import { isForMembers, may } from "../access.ts";
import { type Account, Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";
import {
  type Change,
  changeFrame,
  type MembershipEvent,
  type NamedRoom,
  ownFrame,
  type RemovalEvent,
  removalFrame,
} from "./membership_frames.ts";

/** Rooms with more subscribers than this are sent a count instead of each change. */
const SENT_ONE_BY_ONE = 100;
/** How often the store is asked because of notices; a notice above that is dropped. */
const CONFIRMED = { burst: 200, perSecond: 100 };
/** How many last changes are remembered; at the next one all of them are forgotten. */
const REMEMBERED = 1_000;

/** The connections of one server, by user. */
export interface Connections {
  has(user: UserId): boolean;
  /** Ends the room's subscription on all of the user's connections; whether there was one. */
  unsubscribe(user: UserId, room: Room): boolean;
  /** Sends an event to the user's connections, but not to `except` nor to the subscribers of a room. */
  send(
    user: UserId,
    event: ServerFrame,
    options: { except?: unknown; exceptSubscribersOf?: RoomId | undefined },
  ): void;
  /** The numbers of the tokens by which the user's connections are logged in. */
  tokensOf(user: UserId): ReadonlySet<number>;
  /** Ends the user's connections that are logged in by this token. */
  endToken(ended: EndedToken): void;
}

interface MembershipEventsOptions {
  readonly repository: Pick<Repository, "users" | "members" | "rooms">;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly cluster: Pick<Cluster, "membershipChanged">;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
  /** Called when a membership has ended, on any server. */
  readonly onRemoval: () => void;
}

export class MembershipEvents {
  readonly #options: MembershipEventsOptions;
  readonly #budget = new TokenBucket(CONFIRMED);
  /** The last change sent to a user's own connections, by user and room: a repeated notice is no news. */
  readonly #lastSent = new Map<string, Change>();
  /** The leavings that the store is being asked about. */
  readonly #leaving = new Set<{ room: RoomId; user: UserId; isBack: boolean }>();

  constructor(options: MembershipEventsOptions) {
    this.#options = options;
  }

  /** A change on this server. `connection` has asked for it and gets a reply instead of the event. */
  announce(room: Room, event: MembershipEvent & { readonly connection: unknown }): void {
    const { change, account: { user, name, role } } = event;
    const by = event.by?.user;
    this.#options.cluster.membershipChanged({ room: room.id, change, user, name, role, by });
    if (change === "left") this.#forget(room, user);
    // One time for all who are sent the event.
    const timed = { ...event, time: this.#options.clock.now() };
    this.#broadcast(room, timed);
    this.sendToOwn(room, timed);
  }

  /** The store has this user as a member: what is confirmed of an earlier leaving comes too late. */
  noteJoined(room: Room, user: UserId): void {
    room.noteMember(user);
    for (const leaving of this.#leaving) {
      if (leaving.room === room.id && leaving.user === user) leaving.isBack = true;
    }
  }

  /** Sends a change to the user's connections, `connection` excepted. */
  sendToOwn(
    room: NamedRoom,
    event: MembershipEvent & { readonly connection?: unknown },
  ): void {
    const { connections, findRoom } = this.#options;
    const { change, account: { user }, connection } = event;
    this.#remember(user, room.id, change);
    if (!connections.has(user)) return;
    // The subscribers of a small room are sent every change, the user's own connections included.
    const loaded = findRoom(room.id);
    const isBroadcast = change === "joined" && event.by === undefined && loaded !== undefined &&
      isSentOneByOne(loaded);
    connections.send(user, ownFrame(room, event, this.#options.clock.now()), {
      except: connection,
      exceptSubscribersOf: isBroadcast ? room.id : undefined,
    });
  }

  /** A user was removed from a room, on any server, and has no subscription to it any more. */
  announceRemoval(room: Room, event: RemovalEvent): void {
    this.#forget(room, event.account.user);
    if (isSentOneByOne(room)) room.broadcast(removalFrame(room, event));
    else room.users.noteCountChanged();
    this.sendRemoval(room, event);
  }

  /** Sends the user's own connections that they were removed. */
  sendRemoval(room: NamedRoom, event: RemovalEvent): void {
    const { user } = event.account;
    this.#remember(user, room.id, "left");
    this.#options.connections.send(user, removalFrame(room, event), {
      exceptSubscribersOf: room.id,
    });
  }

  /** Sends an event to the room's subscribers, and to the user's connections that are none. */
  sendToRoomAndUser(room: Room, user: UserId, event: ServerFrame): void {
    room.broadcast(event);
    this.#options.connections.send(user, event, { exceptSubscribersOf: room.id });
  }

  /** A change on another server, as that one says. @throws what the store throws */
  async receive(notice: MembershipChange): Promise<void> {
    const { findRoom, repository } = this.#options;
    const { room: id, change, user, by } = notice;
    const room = findRoom(id);
    if (change === "left") this.#options.onRemoval();
    if (
      (room === undefined && !this.#isNewForOwn(notice)) ||
      !this.#budget.tryTake(this.#options.clock.monotonic())
    ) return;
    const wasHere = room?.isHere(user) ?? false;
    if (!await this.#isConfirmed(notice)) return;
    const isKnown = room !== undefined && this.#noteInRoom(room, notice);
    const users = await repository.users.findMany(by === undefined ? [user] : [user, by]);
    const account = accountOf(users.get(user));
    if (account === undefined) return;
    // Each change once. That a user was there to leave is known of members and subscribers here; of a
    // guest the other server's word is taken.
    const isNews = isKnown || (change === "left" && wasHere && account.role === "guest");
    if (room !== undefined && isNews) this.#broadcast(room, { change, account });
    const named = room ?? (await repository.rooms.findMany([id])).get(id);
    if (named === undefined) return;
    // That they were a member of a room that others may not see is known of members here alone.
    const isTheirs = isForMembers(named) ? change === "joined" || isKnown : false;
    if (!isTheirs && !may(new Principal(account), "see", named)) return;
    // Asked last: another notice of the same change may have been received meanwhile.
    if (this.#isNewForOwn(notice)) {
      this.sendToOwn(named, { change, account, by: by && accountOf(users.get(by)) });
    }
  }

  #isNewForOwn({ room, change, user }: MembershipChange): boolean {
    return this.#options.connections.has(user) &&
      this.#lastSent.get(keyOf(user, room)) !== change;
  }

  /** A leaving is not confirmed when the user has joined again here while the store was asked. */
  async #isConfirmed({ room, change, user }: MembershipChange): Promise<boolean> {
    const isMember = async () =>
      (await this.#options.repository.members.among(user, [room])).has(room);
    if (change === "joined") return await isMember();
    const leaving = { room, user, isBack: false };
    this.#leaving.add(leaving);
    try {
      return !await isMember() && !leaving.isBack;
    } finally {
      this.#leaving.delete(leaving);
    }
  }

  /** @returns whether it changed what is known here */
  #noteInRoom(room: Room, { change, user }: MembershipChange): boolean {
    if (change === "joined") return room.noteMember(user);
    const wasSubscribed = this.#options.connections.unsubscribe(user, room);
    return this.#forget(room, user) || wasSubscribed;
  }

  /** What was read of the room before must not bring the membership back. */
  #forget(room: Room, user: UserId): boolean {
    this.#options.onRemoval();
    return room.forgetMember(user);
  }

  #broadcast(room: Room, event: MembershipEvent): void {
    if (isSentOneByOne(room)) room.broadcast(changeFrame(room, event, this.#options.clock.now()));
    else room.users.noteCountChanged();
  }

  #remember(user: UserId, room: RoomId, change: Change): void {
    if (this.#lastSent.size >= REMEMBERED) this.#lastSent.clear();
    this.#lastSent.set(keyOf(user, room), change);
  }
}

function accountOf(record: UserRecord | undefined): Account | undefined {
  if (record === undefined) return undefined;
  const { id: user, name, role, isBot } = record;
  return { user, name, role, isBot };
}

function isSentOneByOne(room: Room): boolean {
  return room.subscribers <= SENT_ONE_BY_ONE;
}

function keyOf(user: UserId, room: RoomId): string {
  return `${user} ${room}`;
}
