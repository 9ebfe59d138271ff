// Who is connected to the other servers, as far as they have said. Every server keeps its own list
// and numbers its changes; who has missed one notices, and asks for the whole list again. What a bus
// brings may be anybody's: there is a bound to what is kept, and names are the store's to confirm.

import type { RoomId, UserId } from "../store/repository.ts";
import type { Notice, PresenceEntry, ServerId } from "./bus.ts";
import { isReservedName, nameKey, nameSkeleton } from "../chat/names.ts";

/** Servers that are known at most. */
const MOST_SERVERS = 64;
/** People of all servers, and the rooms that each of them hears, all in all: about 64 MB. */
const MOST_ENTRIES = 1_000_000;

/** Somebody, as one server has said, under the name that the store knows as soon as it was asked. */
interface Person {
  readonly user: UserId;
  /** The name that was said. */
  readonly claimed: string;
  readonly name: string;
  readonly isConfirmed: boolean;
  readonly connections: number;
  readonly rooms: ReadonlySet<RoomId>;
}

/** What one server has said. */
interface RemoteServer {
  lastNoticeAt: number;
  /** Undefined until its list is whole. */
  version: number | undefined;
  people: Map<UserId, Person>;
  /** A list that is being told: its version, the next part, and those of the parts before. */
  coming: Coming | undefined;
}

interface Coming {
  readonly version: number;
  next: number;
  readonly people: Map<UserId, PresenceEntry>;
  entries: number;
}

export interface RemotePresenceOptions {
  /** People and the rooms they hear, at most; a test has fewer. */
  readonly maxEntries?: number;
}

export class RemotePresence {
  readonly #mostEntries: number;
  readonly #servers = new Map<ServerId, RemoteServer>();
  /** How many sightings bear a name in this form. */
  readonly #keys = new Counts();
  readonly #skeletons = new Counts();
  /** Whom the store has not been asked about. */
  readonly #doubted = new Set<UserId>();
  /** People and their rooms, those of lists that are coming included. */
  #entries = 0;

  constructor({ maxEntries: mostEntries = MOST_ENTRIES }: RemotePresenceOptions = {}) {
    this.#mostEntries = mostEntries;
  }

  /** How many other servers there are. */
  get servers(): number {
    return this.#servers.size;
  }

  /** How many people and rooms of theirs are kept. */
  get entries(): number {
    return this.#entries;
  }

  /**
   * Takes what a server says of itself, at a monotonic millisecond. What is above the bounds is not
   * kept.
   * @returns whether something was missed: its list is to be asked for
   */
  apply(
    notice: Extract<Notice, { type: "people" | "everyone" | "pulse" | "leaving" }>,
    { from, now }: { from: ServerId; now: number },
  ): boolean {
    if (notice.type === "leaving") {
      this.#forget(from);
      return false;
    }
    const server = this.#servers.get(from) ?? this.#meet(from);
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

  /** Forgets the servers that have said nothing since then, and all whom they had seen. */
  forgetSilentSince(time: number): void {
    for (const [id, { lastNoticeAt: heardAt }] of this.#servers) {
      if (heardAt < time) this.#forget(id);
    }
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

  /** Whether somebody else than `user` is called so, or looks as if. */
  isNameHeld(name: string, user?: UserId): boolean {
    const [key, skeleton] = [nameKey(name), nameSkeleton(name)];
    let keys = this.#keys.of(key);
    let skeletons = this.#skeletons.of(skeleton);
    if (keys === 0 && skeletons === 0) return false;
    for (const { people } of this.#servers.values()) {
      const own = user === undefined ? undefined : people.get(user);
      if (own === undefined) continue;
      if (nameKey(own.name) === key) keys--;
      if (nameSkeleton(own.name) === skeleton) skeletons--;
    }
    return keys > 0 || skeletons > 0;
  }

  /** Nobody under a name that carries power, unless the store has confirmed it. */
  *people(): Iterable<{ user: UserId; name: string; connections: number }> {
    for (const { people } of this.#servers.values()) {
      for (const person of people.values()) {
        if (person.isConfirmed || !isReservedName(person.name)) yield person;
      }
    }
  }

  /** Some of those about whom the store is to be asked. */
  unconfirmed(most: number): readonly UserId[] {
    return [...this.#doubted.values().take(most)];
  }

  /** What the store says of these users: their names, or that there is no such user. */
  confirm(users: readonly UserId[], names: ReadonlyMap<UserId, string>): void {
    for (const user of users) {
      this.#doubted.delete(user);
      const name = names.get(user);
      for (const { people } of this.#servers.values()) {
        const person = people.get(user);
        if (person === undefined) continue;
        this.#drop(people, user);
        if (name !== undefined) this.#put(people, { ...person, name, isConfirmed: true });
      }
    }
  }

  #meet(id: ServerId): RemoteServer | undefined {
    if (this.#servers.size >= MOST_SERVERS) return undefined;
    const server = { lastNoticeAt: 0, version: undefined, people: new Map(), coming: undefined };
    this.#servers.set(id, server);
    return server;
  }

  #change(
    server: RemoteServer,
    notice: { version: number; people: readonly PresenceEntry[] },
  ): boolean {
    if (server.version === undefined || notice.version !== server.version + 1) return false;
    server.version = notice.version;
    for (const sighting of notice.people) this.#see(server.people, sighting);
    return true;
  }

  #replace(server: RemoteServer, notice: Extract<Notice, { type: "everyone" }>): boolean {
    const { version, part, parts, people } = notice;
    if (part === 0) {
      this.#abandon(server);
      server.coming = { version, next: 0, people: new Map(), entries: 0 };
    }
    const { coming } = server;
    if (coming === undefined || coming.version !== version || coming.next !== part) {
      this.#abandon(server);
      return false;
    }
    coming.next++;
    for (const sighting of people) this.#collect(coming, sighting);
    if (coming.next < parts) return true;
    const list = [...coming.people.values()];
    this.#abandon(server);
    // Whom the list does not name has gone; the others keep what the store has said of them.
    for (const user of [...server.people.keys()]) {
      if (!coming.people.has(user)) this.#drop(server.people, user);
    }
    for (const sighting of list) this.#see(server.people, sighting);
    server.version = version;
    return true;
  }

  #collect(coming: Coming, sighting: PresenceEntry): void {
    const entries = entriesOf(sighting.rooms.length);
    if (this.#entries + entries > this.#mostEntries) return;
    const before = coming.people.get(sighting.user);
    const rooms = sighting.goesOn && before !== undefined
      ? [...before.rooms, ...sighting.rooms]
      : sighting.rooms;
    coming.people.set(sighting.user, { ...sighting, rooms, goesOn: undefined });
    coming.entries += entries;
    this.#entries += entries;
  }

  /** Ends a list that was coming: taken by now, or never whole. */
  #abandon(server: RemoteServer): void {
    this.#entries -= server.coming?.entries ?? 0;
    server.coming = undefined;
  }

  #see(people: Map<UserId, Person>, sighting: PresenceEntry): void {
    const { user, name: claimed, connections, goesOn } = sighting;
    const before = people.get(user);
    this.#drop(people, user);
    if (connections === 0) return;
    const rooms = new Set([...(goesOn ? before?.rooms ?? [] : []), ...sighting.rooms]);
    const isKnown = before?.isConfirmed === true && before.claimed === claimed;
    this.#put(people, {
      user,
      claimed,
      name: isKnown ? before.name : claimed,
      isConfirmed: isKnown,
      connections,
      rooms,
    });
  }

  #put(people: Map<UserId, Person>, person: Person): void {
    const entries = entriesOf(person.rooms.size);
    if (this.#entries + entries > this.#mostEntries) return;
    people.set(person.user, person);
    this.#entries += entries;
    this.#keys.add(nameKey(person.name));
    this.#skeletons.add(nameSkeleton(person.name));
    if (!person.isConfirmed && this.#doubted.size < this.#mostEntries) {
      this.#doubted.add(person.user);
    }
  }

  #drop(people: Map<UserId, Person>, user: UserId): void {
    const person = people.get(user);
    if (person === undefined) return;
    people.delete(user);
    this.#entries -= entriesOf(person.rooms.size);
    this.#keys.subtract(nameKey(person.name));
    this.#skeletons.subtract(nameSkeleton(person.name));
  }

  #forget(id: ServerId): void {
    const server = this.#servers.get(id);
    if (server === undefined) return;
    this.#abandon(server);
    for (const user of [...server.people.keys()]) this.#drop(server.people, user);
    this.#servers.delete(id);
  }
}

/** What a person who hears so many rooms counts towards the bound. */
function entriesOf(rooms: number): number {
  return 1 + rooms;
}

/** How often each text was added. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(text: string): number {
    return this.#counts.get(text) ?? 0;
  }

  add(text: string): void {
    this.#counts.set(text, this.of(text) + 1);
  }

  subtract(text: string): void {
    const left = this.of(text) - 1;
    if (left > 0) this.#counts.set(text, left);
    else this.#counts.delete(text);
  }
}
