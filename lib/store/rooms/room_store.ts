// What the store knows of rooms and their names. A part of repository.ts.

import type { RoomForUser, RoomId, RoomKind, RoomRecord, UnusedRoom, UserId } from "../records.ts";

/**
 * Rooms by name. The name of a room is never given to another one, unless the room was removed as unused:
 * then it had no message.
 */
export interface Rooms {
  /** By current name or alias; `key` is the name in its comparable form (names.ts). */
  find(key: string): Promise<RoomRecord | undefined>;
  /** The same for several keys, with the user's membership; keys of no room are missing. */
  findFor(user: UserId, keys: readonly string[]): Promise<ReadonlyMap<string, RoomForUser>>;
  /** Those of these rooms that exist. */
  findMany(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, RoomRecord>>;
  /** Stores the room, or finds the one that has the key: two servers may do this at once. */
  create(
    room: { name: string; key: string; kind: RoomKind; owner?: UserId | undefined; now: number },
  ): Promise<RoomRecord>;
  /**
   * Stores the direct conversation of two users, who are its members, or finds the one that has the key:
   * two servers may do this at once.
   */
  createDirect(
    room: { key: string; users: readonly [UserId, UserId]; now: number },
  ): Promise<RoomRecord>;
  /** The direct conversations among the rooms above this number, and the highest number of a room. */
  directsAbove(
    above: number | undefined,
  ): Promise<{ readonly ids: readonly RoomId[]; readonly last: number }>;
  /** How many public and private rooms the user has created. */
  countOwned(owner: UserId): Promise<number>;
  /** Public rooms, and private ones of this member, in order of key, above the key `after`. */
  list(
    options: { after?: string | undefined; limit: number; member?: UserId | undefined },
  ): Promise<readonly RoomRecord[]>;
  /** Counts a use of these rooms. @returns how many of them exist */
  keep(rooms: readonly RoomId[]): Promise<number>;
  /** The unused rooms in a range of ids from `from` on; `next` begins the next range, if there is one. */
  unused(options: { from: number }): Promise<{
    readonly rooms: readonly UnusedRoom[];
    readonly next: number | undefined;
  }>;
  /**
   * Removes these rooms with their names and memberships, except those with a use or a message since:
   * they stay as they are. @returns the removed rooms
   */
  removeUnused(rooms: readonly UnusedRoom[]): Promise<readonly RoomId[]>;
  /** How many memberships have ended in each of these rooms. */
  removals(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>>;
  /** The highest seq of each of these rooms. */
  lastSeqs(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, number>>;
}
