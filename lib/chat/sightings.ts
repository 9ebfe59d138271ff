// Who is connected to the other servers, as far as they have said. Every server keeps its own list
// and numbers its changes; who has missed one notices, and asks for the whole list again.

import type { RoomId, UserId } from "../store/repository.ts";
import type { Notice, ServerId, Sighting } from "./bus.ts";
import { nameKey, nameSkeleton } from "./names.ts";

/** What one server has said. */
interface Neighbour {
  heardAt: number;
  /** Undefined until its list is whole. */
  version: number | undefined;
  people: Map<UserId, Sighting>;
  /** A list that is being told: its version, the next part, and those of the parts before. */
  coming: { version: number; next: number; people: Map<UserId, Sighting> } | undefined;
}

export class Sightings {
  readonly #servers = new Map<ServerId, Neighbour>();
  /** How many sightings bear a name in this form. */
  readonly #keys = new Counts();
  readonly #skeletons = new Counts();

  /** How many other servers there are. */
  get servers(): number {
    return this.#servers.size;
  }

  /**
   * Takes what a server says of itself, at a monotonic millisecond.
   * @returns whether something was missed: its list is to be asked for
   */
  hear(
    notice: Extract<Notice, { type: "people" | "everyone" | "pulse" | "leaving" }>,
    { from, now }: { from: ServerId; now: number },
  ): boolean {
    if (notice.type === "leaving") {
      this.#forget(from);
      return false;
    }
    const server = this.#servers.get(from) ?? this.#meet(from);
    server.heardAt = now;
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
    for (const [id, { heardAt }] of this.#servers) if (heardAt < time) this.#forget(id);
  }

  connectionsOf(user: UserId): number {
    let sum = 0;
    for (const { people } of this.#servers.values()) sum += people.get(user)?.connections ?? 0;
    return sum;
  }

  isHere(room: RoomId, user: UserId): boolean {
    for (const { people } of this.#servers.values()) {
      if (people.get(user)?.rooms.includes(room)) return true;
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

  *people(): Iterable<Sighting> {
    for (const { people } of this.#servers.values()) yield* people.values();
  }

  #meet(id: ServerId): Neighbour {
    const server = { heardAt: 0, version: undefined, people: new Map(), coming: undefined };
    this.#servers.set(id, server);
    return server;
  }

  #change(server: Neighbour, notice: { version: number; people: readonly Sighting[] }): boolean {
    if (server.version === undefined || notice.version !== server.version + 1) return false;
    server.version = notice.version;
    for (const sighting of notice.people) this.#see(server.people, sighting);
    return true;
  }

  #replace(server: Neighbour, notice: Extract<Notice, { type: "everyone" }>): boolean {
    const { version, part, parts, people } = notice;
    if (part === 0) server.coming = { version, next: 0, people: new Map() };
    const { coming } = server;
    if (coming === undefined || coming.version !== version || coming.next !== part) {
      server.coming = undefined;
      return false;
    }
    coming.next++;
    for (const sighting of people) coming.people.set(sighting.user, sighting);
    if (coming.next < parts) return true;
    for (const { user, name } of [...server.people.values()]) {
      this.#see(server.people, { user, name, connections: 0, rooms: [] });
    }
    for (const sighting of coming.people.values()) this.#see(server.people, sighting);
    server.version = version;
    server.coming = undefined;
    return true;
  }

  #see(people: Map<UserId, Sighting>, sighting: Sighting): void {
    const before = people.get(sighting.user);
    if (before !== undefined) {
      people.delete(sighting.user);
      this.#keys.subtract(nameKey(before.name));
      this.#skeletons.subtract(nameSkeleton(before.name));
    }
    if (sighting.connections === 0) return;
    people.set(sighting.user, sighting);
    this.#keys.add(nameKey(sighting.name));
    this.#skeletons.add(nameSkeleton(sighting.name));
  }

  #forget(id: ServerId): void {
    const server = this.#servers.get(id);
    if (server === undefined) return;
    for (const { user, name } of [...server.people.values()]) {
      this.#see(server.people, { user, name, connections: 0, rooms: [] });
    }
    this.#servers.delete(id);
  }
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
