// Memberships: who joins and leaves, how many rooms and members there may be, and what users are to their
// rooms. Knows no connection and no SQL; whether a principal may join a room is `authorize`'s to say.

import { BannedError, type Members } from "../../store/repository.ts";
import type { RoomRecord, UserId } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Clock } from "../../time.ts";
import type { Connections, MembershipEvents } from "./membership_events.ts";
import { nameKey } from "../people/names.ts";
import type { Account, Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";
import { tooManyRooms } from "../rooms/room_creation.ts";
import type { RoomRegistry } from "../rooms/room_registry.ts";

export interface MembershipsOptions {
  readonly members: Members;
  readonly clock: Clock;
  readonly registry: RoomRegistry;
  readonly events: MembershipEvents;
  readonly connections: Connections;
  readonly limits: { readonly rooms_joined: number; readonly room_members: number };
}

/** Who asks for a change: the principal, and its connection, which gets the reply. */
interface MembershipRequest {
  readonly principal: Principal;
  readonly connection: unknown;
}

/** What the reply to a join contains, for a new member and an old one. */
interface Joined {
  /** Up to where the user has read. */
  readonly read: number;
  /** How many members the room has. */
  readonly count: number;
}

export class Memberships {
  readonly #options: MembershipsOptions;

  constructor(options: MembershipsOptions) {
    this.#options = options;
  }

  /**
   * Adds the principal to the members of a room that they may join, and announces it. For a member it is one
   * look into the store. A connection that subscribes to the room now does not get its own event.
   * @throws {ChatError} forbidden when there would be too many rooms or members
   */
  async join(room: Room, { principal, connection }: MembershipRequest): Promise<Joined> {
    const { members, clock, events, registry } = this.#options;
    const { user } = principal;
    const { removals } = registry;
    const known = (await members.among(user, [room.id])).get(room.id);
    if (known !== undefined) {
      await this.#noteJoined(room, { user, removals });
      return { read: known.read, count: known.room.members };
    }
    await this.#checkLimits(room, { user, refuse: tooManyRooms });
    const member = { room: room.id, user, read: room.deliveredSeq, now: clock.now() };
    const { read, added } = await this.#add(room, member);
    const count = await members.count(room.id);
    await this.#noteJoined(room, { user, removals });
    if (added) events.announce(room, { change: "joined", account: principal, connection });
    return { read, count };
  }

  /**
   * Makes another user a member of a room to whose members the principal may add them. For a member nothing
   * changes.
   * @throws {ChatError} forbidden when the user would have too many rooms, or the room too many members
   */
  async add(
    room: Room,
    { principal, added }: { principal: Principal; added: Account },
  ): Promise<void> {
    const { members, clock, events, registry: { removals } } = this.#options;
    const { user } = added;
    if ((await members.among(user, [room.id])).has(room.id)) return;
    await this.#checkLimits(room, { user, refuse: (most) => hasTooManyRooms(added, most) });
    const by = { user: principal.user, name: principal.name };
    const member = { room: room.id, user, read: room.deliveredSeq, now: clock.now(), by };
    const { added: isNew } = await this.#add(room, member);
    await this.#noteJoined(room, { user, removals });
    if (isNew) {
      events.announce(room, {
        change: "joined",
        account: added,
        by: principal,
        connection: undefined,
      });
    }
  }

  /**
   * The store had this user as a member when so many memberships had ended here. When another one has ended
   * since, it is asked again: a membership that is over must not be noted.
   */
  async #noteJoined(
    room: Room,
    { user, removals }: { user: UserId; removals: number },
  ): Promise<void> {
    const { members, events, registry } = this.#options;
    for (let seen = removals; seen !== registry.removals;) {
      seen = registry.removals;
      if (!(await members.usersAmong(room.id, [user])).has(user)) return;
    }
    events.noteJoined(room, user);
  }

  /** The store has made the principal a member, as the asker of an inquiry: announces it. */
  announceJoined(room: Room, { principal, connection }: MembershipRequest): void {
    this.#options.events.announce(room, { change: "joined", account: principal, connection });
  }

  /** The store has the principal as a member of these rooms, by a code: announces it. */
  announceMemberships(rooms: readonly RoomRecord[], request: MembershipRequest): void {
    const { registry, events } = this.#options;
    for (const record of rooms) {
      using lease = registry.load(record, nameKey(record.name));
      events.noteJoined(lease.room, request.principal.user);
      this.announceJoined(lease.room, request);
    }
  }

  /**
   * Ends the principal's membership, and the subscriptions of all their connections here.
   * @throws {ChatError} not_in_room when there was neither; forbidden for a direct conversation
   */
  async leave(room: Room, { principal, connection }: MembershipRequest): Promise<void> {
    const { members, connections, events } = this.#options;
    const { user } = principal;
    if (room.isDirect) {
      const message = `"${room.nameFor(user)}" is a direct conversation: it cannot be left`;
      throw new ChatError("forbidden", message, { field: "room" });
    }
    const wasMember = await members.remove({ room: room.id, user });
    const wasSubscribed = connections.unsubscribe(user, room);
    if (!wasMember && !wasSubscribed) throw notInRoom(room);
    const event = { change: "left", account: principal, connection } as const;
    if (wasMember) events.announce(room, event);
    else events.sendToOwn(room, event);
  }

  /**
   * Moves the read position forward, up to what was delivered. @returns where it is asked to be
   * @throws {ChatError} not_in_room
   */
  async markRead(
    room: Room,
    { principal, seq }: { principal: Principal; seq: number },
  ): Promise<number> {
    const { members } = this.#options;
    const { user } = principal;
    const upTo = Math.min(seq, room.deliveredSeq);
    if (!await members.markRead({ room: room.id, user, seq: upTo })) throw notInRoom(room);
    return upTo;
  }

  /** Sends large rooms their number of members, if it has changed; to be called every 10 s. */
  async announceCounts(): Promise<void> {
    const { members, registry } = this.#options;
    for (const room of [...registry.rooms()]) {
      if (!room.users.takeCountDue()) continue;
      const count = await members.count(room.id);
      room.broadcast({ type: "count", room: room.name, count });
    }
  }

  async #add(
    room: Room,
    member: Parameters<Members["add"]>[0],
  ): Promise<{ read: number; added: boolean }> {
    try {
      return await this.#options.members.add(member);
    } catch (error) {
      if (!(error instanceof BannedError)) throw error;
      // As the store knows it: the act may be on its way here.
      throw new ChatError("banned", `This user is banned from "${room.name}"`, { field: "room" });
    }
  }

  async #checkLimits(
    room: Room,
    { user, refuse }: { user: UserId; refuse: (most: number) => ChatError },
  ): Promise<void> {
    const { members, limits } = this.#options;
    if (await members.countOf(user) >= limits.rooms_joined) throw refuse(limits.rooms_joined);
    if (await members.count(room.id) >= limits.room_members) {
      throw new ChatError("forbidden", `A room may have at most ${limits.room_members} members`, {
        field: "room",
      });
    }
  }
}

function notInRoom({ name }: Room): ChatError {
  return new ChatError("not_in_room", `You are not in "${name}"`, { field: "room" });
}

function hasTooManyRooms({ name }: Account, most: number): ChatError {
  const message = `"${name}" cannot be added: a user may join at most ${most} rooms`;
  return new ChatError("forbidden", message, { field: "user" });
}
