// All rooms of this server and the names in use: find, make, poll. A room is loaded when it is first
// asked for and forgotten when nobody hears it and nothing of it is on its way.

import type { Repository, RoomId, RoomRecord, UserId } from "../store/repository.ts";
import { isRoomName } from "../wire/room_ref.ts";
import { ChatError } from "../wire/errors.ts";
import { Budget } from "../cluster/notice_budget.ts";
import type { Bus, MembershipChange } from "../cluster/bus.ts";
import { authorize, may, noSuchRoom } from "./access.ts";
import { type Account, type Principal, Principals } from "./principal.ts";
import type { Action } from "./access.ts";
import type { Clock } from "../time.ts";
import { Desk, type DeskOptions } from "./desk.ts";
import { Fanout, type Schedule } from "./fanout.ts";
import { BusCluster, type Cluster, SINGLE_SERVER } from "../cluster/bus_cluster.ts";
import { isReservedRoomName, nameKey } from "./names.ts";
import { MembershipNotices } from "./membership_notices.ts";
import { Naming } from "./naming.ts";
import {
  type Connections,
  membershipEvent,
  type OwnChange,
  OwnMemberships,
} from "./own_memberships.ts";
import { NameRegistry } from "./name_registry.ts";
import { type Lease, Room } from "./room.ts";
import { UnusedRooms } from "./unused_rooms.ts";

/** Who may make rooms. */
export type CreateRooms = "anyone" | "members" | "operators";

/** Rooms with more subscribers than this get a count instead of each coming and going. */
const TOLD_ONE_BY_ONE = 100;
/** How often the desk asks the store because of a notice; what is above it is told in a round. */
const DESK_ASKED = { most: 20, perSecond: 10 };

const NO_CONNECTIONS: Connections = {
  has: () => false,
  unsubscribe: () => false,
  tell: () => {},
};

export interface HubOptions {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly soon: Schedule;
  readonly createRooms: CreateRooms;
  readonly limits: DeskOptions["limits"] & {
    readonly rooms_owned: number;
    readonly rooms_joined: number;
    readonly unused_room_ms: number;
  };
  /** The way to other servers of the same store, when there is one. */
  readonly bus?: Bus | undefined;
  /** The connections of this server; without them nobody is told what is their own. */
  readonly connections?: Connections | undefined;
}

export class Hub {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly names: NameRegistry;
  readonly principals = new Principals();
  readonly naming: Naming;
  readonly desk: Desk;
  readonly #createRooms: CreateRooms;
  readonly #limits: HubOptions["limits"];
  readonly #fanout: Fanout;
  readonly #neighbours: BusCluster | undefined;
  readonly #elsewhere: Cluster;
  readonly #rooms = new Map<RoomId, Room>();
  /** Every key a loaded room was asked for by, aliases too; a key never moves to another room. */
  readonly #byKey = new Map<string, Room>();
  readonly #membershipNotices: MembershipNotices;
  readonly #unusedRooms: UnusedRooms;
  readonly #own: OwnMemberships;

  constructor(options: HubOptions) {
    this.repository = options.repository;
    this.clock = options.clock;
    this.#createRooms = options.createRooms;
    this.#limits = options.limits;
    this.#fanout = new Fanout(options.soon);
    this.#membershipNotices = new MembershipNotices({
      repository: options.repository,
      monotonic: () => options.clock.monotonic(),
      findRoom: (room) => this.#rooms.get(room),
      stopHearing: (user, room) => options.connections?.unsubscribe(user, room) ?? false,
      announce: (room, news) => this.#announceHere(room, news),
    });
    this.#unusedRooms = new UnusedRooms({
      rooms: options.repository.rooms,
      monotonic: () => options.clock.monotonic(),
      unusedMs: options.limits.unused_room_ms,
      loaded: () => this.#rooms.values(),
      forget: (room) => this.#forget(room),
    });
    this.#own = new OwnMemberships({
      repository: options.repository,
      clock: options.clock,
      connections: options.connections ?? NO_CONNECTIONS,
      findRoom: (room) => this.#rooms.get(room),
      tellsEach: (room) => room.subscribers <= TOLD_ONE_BY_ONE,
    });
    this.#neighbours = this.#meetNeighbours(options);
    this.#elsewhere = this.#neighbours ?? SINGLE_SERVER;
    this.names = new NameRegistry(this.#elsewhere);
    this.naming = new Naming({
      names: this.names,
      principals: this.principals,
      users: options.repository.users,
    });
    this.desk = new Desk({
      repository: options.repository,
      clock: options.clock,
      fanout: this.#fanout,
      connectionsOf: (user) => this.names.connectionsOf(user),
      limits: options.limits,
      onMoved: () => this.#elsewhere.deskChanged(),
      openRoom: ({ room }) => this.#load(room, room.name),
    });
  }

  /** The other servers of the same store. */
  get elsewhere(): Pick<Cluster, "servers" | "isConnected"> {
    return this.#elsewhere;
  }

  /** Tells other servers that this one lives; to be called about once a second. */
  pulse(): void {
    this.#neighbours?.heartbeat();
  }

  /** Tells other servers that nobody is here any more. */
  leave(): void {
    this.#neighbours?.leave();
  }

  /** How many rooms are in memory. */
  get loadedRooms(): number {
    return this.#rooms.size;
  }

  /** How many subscriptions there are in all. */
  get subscriptions(): number {
    let sum = 0;
    for (const room of this.#rooms.values()) sum += room.subscribers;
    return sum;
  }

  /** The room of this name if it is in memory: the fast way, to be authorized by the caller. */
  findLoaded(name: string): Room | undefined {
    return this.#byKey.get(nameKey(name));
  }

  /** The same by the store's number of it. */
  findLoadedById(room: RoomId): Room | undefined {
    return this.#rooms.get(room);
  }

  /**
   * The room of this name, when `principal` may do `action` there.
   * @throws {ChatError} no_such_room, forbidden
   */
  async open(name: string, who: { principal: Principal; action: Action }): Promise<Lease> {
    const key = nameKey(name);
    const found = this.#byKey.get(key) ?? await this.repository.rooms.find(key);
    if (found === undefined) throw noSuchRoom({ name });
    authorize(who.principal, who.action, found, { name });
    return this.#load(found, key);
  }

  /**
   * Several rooms by their names, asked of the store at once: each as `open` gives it, or why not.
   * Whoever asks disposes of the leases.
   */
  async openAll(
    names: readonly string[],
    who: { principal: Principal; action: Action },
  ): Promise<readonly (Lease | ChatError)[]> {
    const unknown = names.map(nameKey).filter((key) => !this.#byKey.has(key));
    const records = unknown.length === 0
      ? new Map<string, RoomRecord>()
      : await this.repository.rooms.findAll([...new Set(unknown)]);
    return names.map((name) => {
      const key = nameKey(name);
      const found = this.#byKey.get(key) ?? records.get(key);
      if (found === undefined || !may(who.principal, "see", found)) return noSuchRoom({ name });
      try {
        authorize(who.principal, who.action, found, { name });
        return this.#load(found, key);
      } catch (error) {
        if (error instanceof ChatError) return error;
        throw error;
      }
    });
  }

  /**
   * The room of this name, made now if there is none and `principal` may make rooms. `onMaking` is
   * called before one is made, and may refuse by throwing.
   * @throws {ChatError} no_such_room, name_taken, forbidden
   */
  async openOrMake(
    name: string,
    { principal, onMaking }: { principal: Principal; onMaking: () => void },
  ): Promise<Lease> {
    // `?42` and its like are references: what they name is made in other ways.
    if (!isRoomName(name)) return await this.open(name, { principal, action: "join" });
    const { rooms } = this.repository;
    const key = nameKey(name);
    const found = this.#byKey.get(key) ?? await rooms.find(key);
    if (found !== undefined) return this.#joinable(found, { name, principal });
    await this.#checkMayMake(name, principal);
    onMaking();
    const { room } = await rooms.create({
      name,
      key,
      kind: "public",
      owner: principal.user,
      now: this.clock.now(),
    });
    return this.#joinable(room, { name, principal });
  }

  /** Whether the room is still there: as `findGone`. @throws what the store throws */
  async keep(room: Room): Promise<boolean> {
    return !(await this.findGone([room])).has(room);
  }

  /**
   * Those of these rooms that have vanished; the others do not for a while. To be asked by whoever is
   * about to hear them. @throws what the store throws
   */
  async findGone(asked: readonly Room[]): Promise<ReadonlySet<Room>> {
    const rooms = [...new Set(asked.filter((room) => room.mayVanish))];
    const ids = rooms.map(({ id }) => id);
    if (rooms.length === 0 || await this.repository.rooms.keep(ids) === ids.length) {
      return new Set();
    }
    const there = await this.repository.rooms.lastSeqs(ids);
    const gone = rooms.filter(({ id }) => !there.has(id));
    for (const { id } of gone) this.#forget(id);
    return new Set(gone);
  }

  /** Lets rooms vanish that nobody uses; to be called in rounds. @throws what the store throws */
  async removeUnused(): Promise<void> {
    await this.#unusedRooms.round();
  }

  #forget(room: RoomId): void {
    this.#rooms.delete(room);
    for (const [key, { id }] of this.#byKey) if (id === room) this.#byKey.delete(key);
  }

  /** Forgets the rooms that nobody needs any more. */
  forgetIdle(): void {
    for (const room of this.#rooms.values()) if (room.isIdle) this.#rooms.delete(room.id);
    for (const [key, room] of this.#byKey) if (!this.#rooms.has(room.id)) this.#byKey.delete(key);
  }

  /** The store has this user as a member, who is about to hear the room here. */
  noteMember(room: Room, user: UserId): void {
    room.noteMember(user);
    this.#membershipNotices.noteBack(room, user);
  }

  /**
   * Tells a room that a membership began or ended, one by one while it is small; and the user's other
   * connections, of which `asker` is the one that knows.
   */
  announceMembership(room: Room, news: OwnChange & { readonly asker: unknown }): void {
    const { change, account } = news;
    const { user, name, role } = account;
    this.#elsewhere.membershipChanged({ room: room.id, change, user, name, role });
    if (change === "left") room.forgetMember(user);
    this.#announceHere(room, { change, account });
    this.#own.tell(room, news);
  }

  /** Tells the user's other connections that they hear a room no more of which they were no member. */
  tellDeaf(room: Room, { account, asker }: { account: Account; asker: unknown }): void {
    this.#own.tell(room, { change: "left", account, asker });
  }

  #announceHere(
    room: Room,
    { change, account }: { change: "joined" | "left"; account: Account },
  ): void {
    if (room.subscribers > TOLD_ONE_BY_ONE) return room.noteCountChanged();
    room.broadcast(membershipEvent(room, { change, account, now: this.clock.now() }));
  }

  /** Tells large rooms how many they are, if that has changed; to be called every 10 s. */
  async announceCounts(): Promise<void> {
    for (const room of [...this.#rooms.values()]) {
      if (!room.takeCountDue()) continue;
      const count = await this.repository.members.count(room.id);
      room.broadcast({ type: "count", room: room.name, count });
    }
  }

  /**
   * Asks the store for what has grown unseen: everywhere when other servers write to it, else only
   * where a commit's outcome is not known. @throws what the store throws.
   */
  async poll(scope: "all" | "doubtful"): Promise<void> {
    const asked: Room[] = [];
    for (const room of this.#rooms.values()) {
      room.log.trustHints();
      if ((scope === "all" || room.log.isBehind) && !room.log.isStoring) asked.push(room);
    }
    if (asked.length === 0) return;
    const lasts = await this.repository.rooms.lastSeqs(asked.map((room) => room.id));
    await Promise.all(asked.map((room) => {
      const last = lasts.get(room.id) ?? 0;
      // Meanwhile something may have been said here: then its own answer tells what has grown.
      if (room.log.isStoring || (last <= room.deliveredSeq && !room.log.isBehind)) return;
      return room.log.noteStored(last);
    }));
  }

  #meetNeighbours({ bus, soon, clock }: HubOptions): BusCluster | undefined {
    if (bus === undefined) return undefined;
    const monotonic = () => clock.monotonic();
    const deskAsked = new Budget(DESK_ASKED, monotonic);
    return new BusCluster({
      bus,
      schedule: soon,
      monotonic,
      findLocal: (user) => this.names.findHere(user),
      localUsers: () => this.names.usersHere(),
      findNames: async (users) => {
        const found = await this.repository.users.findMany(users);
        return new Map(Array.from(found, ([id, { name }]) => [id, name]));
      },
      handlers: {
        eventsStored: (room, seq) => this.#rooms.get(room)?.log.hint(seq),
        // What cannot be read now is read in the next round.
        deskChanged: () => void (deskAsked.take() && this.desk.poll().catch(() => {})),
        // What the store does not confirm is not told.
        membershipChanged: (change) => void this.#noteMembership(change).catch(() => {}),
      },
    });
  }

  /** One's own connections are told last: by then they hear no more of a room that was left. */
  async #noteMembership(change: MembershipChange): Promise<void> {
    await this.#membershipNotices.note(change);
    await this.#own.note(change);
  }

  #joinable(found: RoomRecord | Room, asked: { name: string; principal: Principal }): Lease {
    const { name, principal } = asked;
    if (!may(principal, "see", found)) {
      throw nameTaken(name);
    }
    authorize(principal, "join", found, { name });
    return this.#load(found, nameKey(name));
  }

  async #checkMayMake(name: string, principal: Principal): Promise<void> {
    if (isReservedRoomName(name)) throw nameTaken(name);
    const least = { anyone: "guest", members: "member", operators: "operator" } as const;
    if (!principal.hasRole(least[this.#createRooms])) {
      throw new ChatError("forbidden", `Only ${this.#createRooms} may make rooms here`, {
        field: "create",
      });
    }
    const { rooms, members } = this.repository;
    const { rooms_owned, rooms_joined } = this.#limits;
    if (await rooms.countOwned(principal.user) >= rooms_owned) {
      throw new ChatError("forbidden", `At most ${rooms_owned} rooms made by one user`, {
        field: "create",
      });
    }
    // Who makes a room joins it: one that cannot be joined would only use up its name.
    if (await members.countOf(principal.user) >= rooms_joined) throw tooManyRooms(rooms_joined);
  }

  #load(found: RoomRecord | Room, key: string): Lease {
    const room = this.#rooms.get(found.id) ??
      (found instanceof Room ? found : new Room(found, {
        messages: this.repository.messages,
        fanout: this.#fanout,
        elsewhere: this.#elsewhere,
      }));
    this.#rooms.set(room.id, room);
    this.#byKey.set(key, room);
    return room.lease();
  }
}

/** The same for a reserved name and for one of a room that may not be seen. */
function nameTaken(name: string): ChatError {
  return new ChatError("name_taken", `Cannot create "${name}": the name is taken or reserved`, {
    field: "room",
  });
}

/** The answer to who belongs to as many rooms as one may. */
export function tooManyRooms(most: number): ChatError {
  return new ChatError("forbidden", `At most ${most} rooms joined by one user`, { field: "room" });
}
