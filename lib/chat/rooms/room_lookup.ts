// Looks up rooms by the names that a user gives them, and loads those that `authorize` allows for the
// action. A room that may not be seen costs what a missing one costs. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { RoomForUser, UserId } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { type Action, authorize, isForMembers, may } from "../access.ts";
import { noSuchRoom } from "../access_refusals.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";
import { type Lease, Room } from "../room.ts";
import { namedUser, pairKey } from "./direct_names.ts";
import type { RoomRegistry } from "./room_registry.ts";

/** For whom a room is opened, and what for. */
export interface Access {
  readonly principal: Principal;
  readonly action: Action;
}

interface RoomLookupOptions {
  readonly repository: Pick<Repository, "rooms" | "users">;
  readonly registry: RoomRegistry;
}

export class RoomLookup {
  readonly #repository: RoomLookupOptions["repository"];
  readonly #registry: RoomRegistry;

  constructor({ repository, registry }: RoomLookupOptions) {
    this.#repository = repository;
    this.#registry = registry;
  }

  /**
   * Rooms by their names, looked up in the store at once: each is in memory as long as its lease, or
   * refused. The caller disposes of the leases.
   */
  async openAll(
    names: readonly string[],
    { principal, action }: Access,
  ): Promise<readonly (Lease | ChatError)[]> {
    const keys = await this.keysOf(names, principal.user);
    // Rooms in memory stay there while the store is asked for the others.
    using leases = new DisposableStack();
    const known = new Map<string, Room>();
    for (const key of new Set(keys.values())) {
      const room = this.#registry.find(key);
      // Of a room that may not be seen as far as is known here, the store is asked as of a missing one.
      if (room === undefined || !may(principal, "see", room)) continue;
      // A user who was removed may have joined again on another server.
      if (room.barOf(principal)?.kind === "removed") continue;
      known.set(key, room);
      leases.use(room.lease());
    }
    const found = await this.#find(principal, [...new Set(keys.values()).difference(known)]);
    return names.map((name) => {
      const key = keys.get(name) ?? "";
      const room = known.get(key) ?? found.get(key);
      if (room === undefined) return noSuchRoom({ name });
      return this.#load(room, { name, key, principal, action });
    });
  }

  /** The keys of rooms by their names; a direct conversation with an unknown user has none. */
  async keysOf(names: readonly string[], user: UserId): Promise<ReadonlyMap<string, string>> {
    const keys = new Map<string, string>();
    const others = new Map<string, string>();
    for (const name of names) {
      const other = namedUser(name);
      if (other === undefined) keys.set(name, nameKey(name));
      else others.set(name, nameKey(other));
    }
    if (others.size === 0) return keys;
    const users = await this.#repository.users.findByKeys([...new Set(others.values())]);
    for (const [name, key] of others) {
      const other = users.get(key);
      if (other === undefined) continue;
      const pair = pairKey(user, other.id);
      this.#registry.find(pair)?.noteName(other.id, other.name);
      keys.set(name, pair);
    }
    return keys;
  }

  /** The rooms in the store that have these keys, with the principal's memberships. */
  async #find(
    { user }: Principal,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, RoomForUser>> {
    for (;;) {
      if (keys.length === 0) return new Map();
      const { removals, acts } = this.#registry;
      const found = await this.#repository.rooms.findFor(user, keys);
      // A membership that has ended meanwhile must not be noted as one, and an act not be missed.
      const isCurrent = removals === this.#registry.removals ||
        ![...found.values()].some(({ room, isMember }) => isMember && isForMembers(room));
      if (isCurrent && (acts === this.#registry.acts || found.size === 0)) return found;
    }
  }

  /** The room in memory, or why it may not be used. */
  #load(
    found: Room | RoomForUser,
    { name, key, principal, action }: Access & { name: string; key: string },
  ): Lease | ChatError {
    const room = found instanceof Room ? found : this.#candidate(found, principal);
    try {
      authorize(principal, action, room, { name });
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
    return this.#registry.load(room, key);
  }

  /** The room as the store has it now, in memory or not yet. */
  #candidate({ room: record, isMember }: RoomForUser, { user }: Principal): Room {
    const room = this.#registry.candidate(record);
    room.noteSanctions(record);
    if (isMember && isForMembers(record)) room.noteMember(user);
    return room;
  }
}
