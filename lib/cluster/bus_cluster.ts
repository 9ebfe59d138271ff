// The other servers of the same store, as rooms, names and desk see them: what happens here is told
// there, once a turn and in no more words than needed; what is told from there is known here. Losing
// any of it loses no message: those are in the store, and the store is asked.

import type { RoomId, UserId } from "../store/repository.ts";
import type { Bus, MembershipChange, Notice, PresenceEntry, ServerId } from "./bus.ts";
import { Budget } from "./notice_budget.ts";
import type { Schedule } from "../chat/fanout.ts";
import { portionBytes, portionsOfPeople, portionsOfRooms } from "./portions.ts";
import { RemotePresence } from "./remote_presence.ts";

/** What is told to the other servers, and what is known of them. */
export interface Cluster {
  /** How many servers there are besides this one. */
  readonly servers: number;
  /** Whether they can be told anything. */
  readonly isConnected: boolean;
  /** The store has events of the room up to `seq`. */
  eventsStored(room: RoomId, seq: number): void;
  /** Something was asked or answered. */
  deskChanged(): void;
  membershipChanged(change: MembershipChange): void;
  /** Somebody's connections or name here have changed. */
  presenceChanged(user: UserId): void;
  /** Somebody hears a room here from now on, or no longer. */
  subscribed(room: RoomId, user: UserId): void;
  unsubscribed(room: RoomId, user: UserId): void;
  connectionsOf(user: UserId): number;
  /** Whether the user hears the room on another server. */
  isSubscribed(room: RoomId, user: UserId): boolean;
  /** Whether somebody else than `user` is called so on another server, or looks as if. */
  isNameHeld(name: string, user?: UserId): boolean;
  people(): Iterable<{ user: UserId; name: string; connections: number }>;
}

const NOTHING = () => {};

/** A server that has its store to itself, or knows of no other. */
export const SINGLE_SERVER: Cluster = {
  servers: 0,
  isConnected: false,
  eventsStored: NOTHING,
  deskChanged: NOTHING,
  membershipChanged: NOTHING,
  presenceChanged: NOTHING,
  subscribed: NOTHING,
  unsubscribed: NOTHING,
  connectionsOf: () => 0,
  isSubscribed: () => false,
  isNameHeld: () => false,
  people: () => [],
};

/** What others' notices lead to here. None of these may throw. */
export interface NoticeHandlers {
  eventsStored(room: RoomId, seq: number): void;
  deskChanged(): void;
  membershipChanged(change: MembershipChange): void;
}

export interface BusClusterOptions {
  readonly bus: Bus;
  readonly schedule: Schedule;
  readonly monotonic: () => number;
  readonly handlers: NoticeHandlers;
  /** Whoever is connected here, the name and how often. */
  readonly findLocal: (user: UserId) => { name: string; connections: number } | undefined;
  readonly localUsers: () => Iterable<UserId>;
  /** The names of these users, as the store knows them; those it does not know are missing. */
  readonly findNames: (users: readonly UserId[]) => Promise<ReadonlyMap<UserId, string>>;
}

/** A server that has said nothing for so long is gone, in milliseconds. */
const SILENT_MS = 5_000;
/** How often the list of people here is told, and lists of others are asked for. */
const LISTS_TOLD = { most: 4, perSecond: 2 };
const LISTS_ASKED = { most: 32, perSecond: 8 };
/** How many people the store is asked about at once. */
const NAMES_A_LOOK = 256;

export class BusCluster implements Cluster {
  readonly #options: BusClusterOptions;
  readonly #sightings = new RemotePresence();
  readonly #roomsHere = new Map<UserId, Set<RoomId>>();
  /** To be told in the next turn. */
  #grown = new Map<RoomId, number>();
  #changed = new Set<UserId>();
  #hasDeskMoved = false;
  #isListRequested = false;
  readonly #listsPublished: Budget;
  readonly #listRequests: Budget;
  #isConfirming = false;
  #isScheduled = false;
  #hasLeft = false;
  /** Of what has been told of the people here. */
  #version = 0;

  /** Begins to listen, and asks who is there. */
  constructor(options: BusClusterOptions) {
    this.#options = options;
    this.#listsPublished = new Budget(LISTS_TOLD, options.monotonic);
    this.#listRequests = new Budget(LISTS_ASKED, options.monotonic);
    options.bus.listen((notice, from) => this.#onNotice(notice, from));
    options.bus.publish({ type: "ask" });
  }

  get servers(): number {
    return this.#sightings.servers;
  }

  get isConnected(): boolean {
    return this.#options.bus.isConnected;
  }

  eventsStored(room: RoomId, seq: number): void {
    this.#grown.set(room, seq);
    this.#schedule();
  }

  deskChanged(): void {
    this.#hasDeskMoved = true;
    this.#schedule();
  }

  membershipChanged(change: MembershipChange): void {
    this.#options.bus.publish({ type: "membership", ...change });
  }

  presenceChanged(user: UserId): void {
    this.#changed.add(user);
    this.#schedule();
  }

  subscribed(room: RoomId, user: UserId): void {
    const rooms = this.#roomsHere.get(user);
    if (rooms === undefined) this.#roomsHere.set(user, new Set([room]));
    else rooms.add(room);
    this.presenceChanged(user);
  }

  unsubscribed(room: RoomId, user: UserId): void {
    const rooms = this.#roomsHere.get(user);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#roomsHere.delete(user);
    this.presenceChanged(user);
  }

  connectionsOf(user: UserId): number {
    return this.#sightings.connectionsOf(user);
  }

  isSubscribed(room: RoomId, user: UserId): boolean {
    return this.#sightings.isSubscribed(room, user);
  }

  isNameHeld(name: string, user?: UserId): boolean {
    return this.#sightings.isNameHeld(name, user);
  }

  people(): Iterable<{ user: UserId; name: string; connections: number }> {
    return this.#sightings.people();
  }

  /** Says that this server lives, and forgets those that do not; to be called about once a second. */
  heartbeat(): void {
    const { bus, monotonic } = this.#options;
    bus.publish({ type: "pulse", version: this.#version });
    this.#sightings.forgetSilentSince(monotonic() - SILENT_MS);
    if (this.#isListRequested) this.#schedule();
    void this.#confirmNames();
  }

  /** The last thing that is told. */
  leave(): void {
    this.#hasLeft = true;
    this.#options.bus.publish({ type: "leaving" });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.schedule(() => this.#publish());
  }

  /** What has come together since the last turn, one notice of each kind. */
  #publish(): void {
    this.#isScheduled = false;
    if (this.#hasLeft) return;
    const { bus } = this.#options;
    if (this.#grown.size > 0) {
      const grown = this.#grown;
      this.#grown = new Map();
      for (const rooms of portionsOfRooms(grown, portionBytes(bus.maxBytes))) {
        bus.publish({ type: "grown", rooms });
      }
    }
    if (this.#hasDeskMoved) {
      this.#hasDeskMoved = false;
      bus.publish({ type: "desk" });
    }
    this.#publishUsers();
  }

  #publishUsers(): void {
    const { bus } = this.#options;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const people of this.#portionsOf(changed)) {
      bus.publish({ type: "people", version: ++this.#version, people });
    }
    if (this.#isListRequested) this.#publishLists();
  }

  /** What is told is told to all who have asked; who asks without end waits for the next pulse. */
  #publishLists(): void {
    if (!this.#listsPublished.take()) return;
    this.#isListRequested = false;
    const { bus, localUsers: usersHere } = this.#options;
    const portions = [...this.#portionsOf(usersHere())];
    if (portions.length === 0) portions.push([]);
    for (const [part, people] of portions.entries()) {
      const parts = portions.length;
      bus.publish({ type: "everyone", version: this.#version, part, parts, people });
    }
  }

  #portionsOf(users: Iterable<UserId>): Iterable<readonly PresenceEntry[]> {
    const people = Array.from(users, (user) => this.#see(user));
    return portionsOfPeople(people, portionBytes(this.#options.bus.maxBytes));
  }

  #see(user: UserId): PresenceEntry {
    const { name, connections } = this.#options.findLocal(user) ?? { name: "", connections: 0 };
    return { user, name, connections, rooms: [...this.#roomsHere.get(user) ?? []] };
  }

  #onNotice(notice: Notice, from: ServerId): void {
    const { handlers: hearers, bus, monotonic } = this.#options;
    // Nobody else bears this server's name.
    if (this.#hasLeft || from === bus.id) return;
    switch (notice.type) {
      case "grown":
        for (const [room, seq] of notice.rooms) hearers.eventsStored(room, seq);
        return;
      case "desk":
        return hearers.deskChanged();
      case "membership":
        return hearers.membershipChanged(notice);
      case "ask":
        if (notice.server !== undefined && notice.server !== bus.id) return;
        this.#isListRequested = true;
        return this.#schedule();
      default:
        if (
          this.#sightings.apply(notice, { from, now: monotonic() }) && this.#listRequests.take()
        ) {
          // What is not answered is asked again when that server is heard next.
          bus.publish({ type: "ask", server: from });
        }
        void this.#confirmNames();
    }
  }

  /** One look at a time, however many people are told. What the store cannot say now it is asked again. */
  async #confirmNames(): Promise<void> {
    if (this.#isConfirming) return;
    this.#isConfirming = true;
    try {
      for (
        let users = this.#sightings.unconfirmed(NAMES_A_LOOK);
        users.length > 0 && !this.#hasLeft;
        users = this.#sightings.unconfirmed(NAMES_A_LOOK)
      ) this.#sightings.confirm(users, await this.#options.findNames(users));
    } catch {
      // The store does not answer: at the next pulse it is asked again.
    } finally {
      this.#isConfirming = false;
    }
  }
}
