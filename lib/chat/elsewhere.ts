// The other servers of the same store, as rooms, names and desk see them: what happens here is told
// there, once a turn and in no more words than needed; what is told from there is known here. Losing
// any of it loses no message: those are in the store, and the store is asked.

import type { RoomId, UserId } from "../store/repository.ts";
import type { Bus, MembershipChange, Notice, ServerId, Sighting } from "./bus.ts";
import type { Soon } from "./fanout.ts";
import { Sightings } from "./sightings.ts";

/** What is told to the other servers, and what is known of them. */
export interface Elsewhere {
  /** How many servers there are besides this one. */
  readonly servers: number;
  /** Whether they can be told anything. */
  readonly isConnected: boolean;
  /** The store has events of the room up to `seq`. */
  grew(room: RoomId, seq: number): void;
  /** Something was asked or answered. */
  deskMoved(): void;
  membershipChanged(change: MembershipChange): void;
  /** Somebody's connections or name here have changed. */
  peopleChanged(user: UserId): void;
  /** Somebody hears a room here from now on, or no longer. */
  came(room: RoomId, user: UserId): void;
  went(room: RoomId, user: UserId): void;
  connectionsOf(user: UserId): number;
  /** Whether the user hears the room on another server. */
  isHere(room: RoomId, user: UserId): boolean;
  /** Whether somebody else than `user` is called so on another server, or looks as if. */
  isNameHeld(name: string, user?: UserId): boolean;
  people(): Iterable<Sighting>;
}

const NOTHING = () => {};

/** A server that has its store to itself, or knows of no other. */
export const NOWHERE_ELSE: Elsewhere = {
  servers: 0,
  isConnected: false,
  grew: NOTHING,
  deskMoved: NOTHING,
  membershipChanged: NOTHING,
  peopleChanged: NOTHING,
  came: NOTHING,
  went: NOTHING,
  connectionsOf: () => 0,
  isHere: () => false,
  isNameHeld: () => false,
  people: () => [],
};

/** What others' notices lead to here. None of these may throw. */
export interface Hearers {
  grown(room: RoomId, seq: number): void;
  deskMoved(): void;
  membershipChanged(change: MembershipChange): void;
}

export interface NeighboursOptions {
  readonly bus: Bus;
  readonly soon: Soon;
  readonly monotonic: () => number;
  readonly hearers: Hearers;
  /** Whoever is connected here, the name and how often. */
  readonly findHere: (user: UserId) => { name: string; connections: number } | undefined;
  readonly usersHere: () => Iterable<UserId>;
}

/** A server that has said nothing for so long is gone, in milliseconds. */
const SILENT_MS = 5_000;
/** How many people one notice holds: buses limit what they carry. */
const PEOPLE_A_NOTICE = 500;

export class Neighbours implements Elsewhere {
  readonly #options: NeighboursOptions;
  readonly #sightings = new Sightings();
  readonly #roomsHere = new Map<UserId, Set<RoomId>>();
  /** To be told in the next turn. */
  #grown = new Map<RoomId, number>();
  #changed = new Set<UserId>();
  #hasDeskMoved = false;
  #isAsked = false;
  #isScheduled = false;
  #hasLeft = false;
  /** Of what has been told of the people here. */
  #version = 0;

  /** Begins to listen, and asks who is there. */
  constructor(options: NeighboursOptions) {
    this.#options = options;
    options.bus.listen((notice, from) => this.#hear(notice, from));
    options.bus.publish({ type: "ask" });
  }

  get servers(): number {
    return this.#sightings.servers;
  }

  get isConnected(): boolean {
    return this.#options.bus.isConnected;
  }

  grew(room: RoomId, seq: number): void {
    this.#grown.set(room, seq);
    this.#schedule();
  }

  deskMoved(): void {
    this.#hasDeskMoved = true;
    this.#schedule();
  }

  membershipChanged(change: MembershipChange): void {
    this.#options.bus.publish({ type: "membership", ...change });
  }

  peopleChanged(user: UserId): void {
    this.#changed.add(user);
    this.#schedule();
  }

  came(room: RoomId, user: UserId): void {
    const rooms = this.#roomsHere.get(user);
    if (rooms === undefined) this.#roomsHere.set(user, new Set([room]));
    else rooms.add(room);
    this.peopleChanged(user);
  }

  went(room: RoomId, user: UserId): void {
    const rooms = this.#roomsHere.get(user);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#roomsHere.delete(user);
    this.peopleChanged(user);
  }

  connectionsOf(user: UserId): number {
    return this.#sightings.connectionsOf(user);
  }

  isHere(room: RoomId, user: UserId): boolean {
    return this.#sightings.isHere(room, user);
  }

  isNameHeld(name: string, user?: UserId): boolean {
    return this.#sightings.isNameHeld(name, user);
  }

  people(): Iterable<Sighting> {
    return this.#sightings.people();
  }

  /** Says that this server lives, and forgets those that do not; to be called about once a second. */
  pulse(): void {
    this.#options.bus.publish({ type: "pulse", version: this.#version });
    this.#sightings.forgetSilentSince(this.#options.monotonic() - SILENT_MS);
  }

  /** The last thing that is told. */
  leave(): void {
    this.#hasLeft = true;
    this.#options.bus.publish({ type: "leaving" });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.soon(() => this.#tell());
  }

  /** What has come together since the last turn, one notice of each kind. */
  #tell(): void {
    this.#isScheduled = false;
    if (this.#hasLeft) return;
    const { bus } = this.#options;
    if (this.#grown.size > 0) {
      const rooms = [...this.#grown];
      this.#grown = new Map();
      bus.publish({ type: "grown", rooms });
    }
    if (this.#hasDeskMoved) {
      this.#hasDeskMoved = false;
      bus.publish({ type: "desk" });
    }
    this.#tellPeople();
  }

  #tellPeople(): void {
    const { bus, usersHere } = this.#options;
    const changed = [...this.#changed];
    this.#changed = new Set();
    for (const users of inPortions(changed)) {
      const people = users.map((user) => this.#see(user));
      bus.publish({ type: "people", version: ++this.#version, people });
    }
    if (!this.#isAsked) return;
    this.#isAsked = false;
    const portions = inPortions([...usersHere()]);
    const parts = Math.max(1, portions.length);
    for (let part = 0; part < parts; part++) {
      const people = (portions[part] ?? []).map((user) => this.#see(user));
      bus.publish({ type: "everyone", version: this.#version, part, parts, people });
    }
  }

  #see(user: UserId): Sighting {
    const { name, connections } = this.#options.findHere(user) ?? { name: "", connections: 0 };
    return { user, name, connections, rooms: [...this.#roomsHere.get(user) ?? []] };
  }

  #hear(notice: Notice, from: ServerId): void {
    if (this.#hasLeft) return;
    const { hearers, bus, monotonic } = this.#options;
    switch (notice.type) {
      case "grown":
        for (const [room, seq] of notice.rooms) hearers.grown(room, seq);
        return;
      case "desk":
        return hearers.deskMoved();
      case "membership":
        return hearers.membershipChanged(notice);
      case "ask":
        if (notice.server !== undefined && notice.server !== bus.id) return;
        this.#isAsked = true;
        return this.#schedule();
      default:
        if (this.#sightings.hear(notice, { from, now: monotonic() })) {
          bus.publish({ type: "ask", server: from });
        }
    }
  }
}

function inPortions(users: readonly UserId[]): readonly (readonly UserId[])[] {
  const portions = [];
  for (let at = 0; at < users.length; at += PEOPLE_A_NOTICE) {
    portions.push(users.slice(at, at + PEOPLE_A_NOTICE));
  }
  return portions;
}
