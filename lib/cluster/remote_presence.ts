// The users who are connected to the other servers, as these have published. Every server numbers the
// changes of its list: when a change is missed, the whole list is requested. Any program may publish on the
// bus, so the memory for it is bounded, and the store confirms names.

import type { RoomId, UserId } from "../store/records.ts";
import type { Notice, PresenceEntry, ServerId } from "./bus.ts";
import { isReservedName } from "../chat/people/names.ts";
import { entriesOf, EntryBudget, PresenceListReader } from "./presence_list_reader.ts";
import { RemoteNames } from "./remote_names.ts";

/** The most servers that are known. */
const MAX_SERVERS = 64;
/** The most users of all servers and rooms of each, added up: about 64 MB. */
const MAX_ENTRIES = 1_000_000;

const NO_ROOMS: ReadonlySet<RoomId> = new Set();

/** A user on one server; under the name in the store as soon as the store was asked. */
interface Person {
  readonly user: UserId;
  /** The name that the server has published. */
  readonly claimed: string;
  readonly name: string;
  readonly isConfirmed: boolean;
  readonly connections: number;
  readonly rooms: ReadonlySet<RoomId>;
}

interface RemoteServer {
  /** When its last notice came, monotonic milliseconds. */
  lastNoticeAt: number;
  /** Of the last change that was applied; undefined until its list is whole. */
  version: number | undefined;
  readonly people: Map<UserId, Person>;
  readonly list: PresenceListReader;
}

/** A user is subscribed to a room on one of the servers, or on none of them any more. */
export interface SubscriptionChange {
  readonly room: RoomId;
  readonly user: UserId;
  readonly isHere: boolean;
}

interface RemotePresenceOptions {
  /** Called with the changes of servers whose lists were known before. Must return at once. */
  readonly onChange?: (change: SubscriptionChange) => void;
  /** The most users and rooms of theirs; a test has fewer. */
  readonly maxEntries?: number;
}

export class RemotePresence {
  readonly #budget: EntryBudget;
  readonly #onChange: (change: SubscriptionChange) => void;
  readonly #servers = new Map<ServerId, RemoteServer>();
  readonly #names = new RemoteNames();
  /** Users for whom the store has not been asked. */
  readonly #unconfirmed = new Set<UserId>();

  constructor({ maxEntries = MAX_ENTRIES, onChange = () => {} }: RemotePresenceOptions = {}) {
    this.#onChange = onChange;
    this.#budget = new EntryBudget(maxEntries);
  }

  /** How many other servers there are. */
  get servers(): number {
    return this.#servers.size;
  }

  /** How many users and rooms of theirs are kept. */
  get entries(): number {
    return this.#budget.used;
  }

  /**
   * Applies what a server has published about itself; what is above the bounds is not kept.
   * @param now monotonic milliseconds
   * @returns whether something was missed: its list must be asked for
   */
  apply(
    notice: Extract<Notice, { type: "people" | "everyone" | "pulse" | "leaving" }>,
    { from, now }: { from: ServerId; now: number },
  ): boolean {
    if (notice.type === "leaving") {
      this.#forget(from);
      return false;
    }
    const server = this.#servers.get(from) ?? this.#addServer(from);
    if (server === undefined) return false;
    server.lastNoticeAt = now;
    switch (notice.type) {
      case "pulse":
        return server.version !== notice.version;
      case "people":
        return !this.#change(server, notice);
      case "everyone":
        return !this.#replace(server, notice);
    }
  }

  /** Forgets the servers that have published nothing since then, and their users. */
  forgetSilentSince(time: number): void {
    for (const [id, { lastNoticeAt }] of this.#servers) if (lastNoticeAt < time) this.#forget(id);
  }

  connectionsOf(user: UserId): number {
    let sum = 0;
    for (const { people } of this.#servers.values()) sum += people.get(user)?.connections ?? 0;
    return sum;
  }

  isSubscribed(room: RoomId, user: UserId): boolean {
    for (const { people } of this.#servers.values()) {
      if (people.get(user)?.rooms.has(room)) return true;
    }
    return false;
  }

  /** Whether another user than `user` has this name, or one that looks like it. */
  isNameHeld(name: string, user?: UserId): boolean {
    return this.#names.has(name, () => user === undefined ? [] : this.#namesOf(user));
  }

  /** The name of the user on each server that has them. */
  *#namesOf(user: UserId): Iterable<string> {
    for (const { people } of this.#servers.values()) {
      const person = people.get(user);
      if (person !== undefined) yield person.name;
    }
  }

  /** Without those whose name carries power, unless the store has confirmed it. */
  *people(): Iterable<{ user: UserId; name: string; connections: number }> {
    for (const { people } of this.#servers.values()) {
      for (const person of people.values()) {
        if (person.isConfirmed || !isReservedName(person.name)) yield person;
      }
    }
  }

  /** Some of the users for whom the store must be asked. */
  unconfirmed(most: number): readonly UserId[] {
    return [...this.#unconfirmed.values().take(most)];
  }

  /** Applies the store's answer for these users: their names, or that there is no such user. */
  confirm(users: readonly UserId[], names: ReadonlyMap<UserId, string>): void {
    for (const user of users) {
      this.#unconfirmed.delete(user);
      const name = names.get(user);
      for (const { people } of this.#servers.values()) {
        const person = people.get(user);
        if (person === undefined) continue;
        this.#remove(people, user);
        if (name !== undefined) this.#add(people, { ...person, name, isConfirmed: true });
      }
    }
  }

  #addServer(id: ServerId): RemoteServer | undefined {
    if (this.#servers.size >= MAX_SERVERS) return undefined;
    const list = new PresenceListReader(this.#budget);
    const server = { lastNoticeAt: 0, version: undefined, people: new Map(), list };
    this.#servers.set(id, server);
    return server;
  }

  #change(server: RemoteServer, notice: Extract<Notice, { type: "people" }>): boolean {
    if (server.version === undefined || notice.version !== server.version + 1) return false;
    server.version = notice.version;
    for (const entry of notice.people) {
      const before = server.people.get(entry.user)?.rooms ?? NO_ROOMS;
      this.#put(server.people, entry);
      this.#report(entry.user, { before, after: server.people.get(entry.user)?.rooms ?? NO_ROOMS });
    }
    return true;
  }

  /** Reports the rooms in which the user is now on no server, or on this one alone. */
  #report(
    user: UserId,
    { before, after }: { before: ReadonlySet<RoomId>; after: ReadonlySet<RoomId> },
  ): void {
    for (const room of before) {
      if (!after.has(room) && this.#serversOf(room, user) === 0) {
        this.#onChange({ room, user, isHere: false });
      }
    }
    for (const room of after) {
      if (!before.has(room) && this.#serversOf(room, user) === 1) {
        this.#onChange({ room, user, isHere: true });
      }
    }
  }

  #serversOf(room: RoomId, user: UserId): number {
    let servers = 0;
    for (const { people } of this.#servers.values()) {
      if (people.get(user)?.rooms.has(room)) servers++;
    }
    return servers;
  }

  #replace(server: RemoteServer, notice: Extract<Notice, { type: "everyone" }>): boolean {
    const list = server.list.take(notice);
    if (typeof list === "string") return list === "incomplete";
    // The others stay, and keep the names that the store has confirmed.
    for (const user of [...server.people.keys()]) {
      if (!list.has(user)) this.#remove(server.people, user);
    }
    for (const entry of list.values()) this.#put(server.people, entry);
    server.version = notice.version;
    return true;
  }

  #put(people: Map<UserId, Person>, entry: PresenceEntry): void {
    const { user, name: claimed, connections, goesOn } = entry;
    const before = people.get(user);
    this.#remove(people, user);
    if (connections === 0) return;
    const rooms = new Set([...(goesOn ? before?.rooms ?? [] : []), ...entry.rooms]);
    const isConfirmed = before?.isConfirmed === true && before.claimed === claimed;
    const name = isConfirmed ? before.name : claimed;
    this.#add(people, { user, claimed, name, isConfirmed, connections, rooms });
  }

  #add(people: Map<UserId, Person>, person: Person): void {
    if (!this.#budget.tryAdd(entriesOf(person.rooms.size))) return;
    people.set(person.user, person);
    this.#names.add(person.name);
    if (!person.isConfirmed && this.#unconfirmed.size < this.#budget.maxEntries) {
      this.#unconfirmed.add(person.user);
    }
  }

  #remove(people: Map<UserId, Person>, user: UserId): void {
    const person = people.get(user);
    if (person === undefined) return;
    people.delete(user);
    this.#budget.remove(entriesOf(person.rooms.size));
    this.#names.remove(person.name);
  }

  #forget(id: ServerId): void {
    const server = this.#servers.get(id);
    if (server === undefined) return;
    server.list.drop();
    this.#servers.delete(id);
    for (const { user, rooms } of [...server.people.values()]) {
      this.#remove(server.people, user);
      this.#report(user, { before: rooms, after: NO_ROOMS });
    }
  }
}
