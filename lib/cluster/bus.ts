// What the servers of one store tell each other. A bus may lose what it is given, and is never asked
// to remember: whatever matters is in the store, and what was missed there is read.

import type { Role } from "../wire/frame.ts";
import type { RoomId, UserId } from "../store/repository.ts";

/** Names a server among those that are running; a new one at each start. */
export type ServerId = string;

/** How somebody is connected to one server. */
export interface PresenceEntry {
  readonly user: UserId;
  readonly name: string;
  /** 0: no more. */
  readonly connections: number;
  /** The rooms that one of these connections hears. */
  readonly rooms: readonly RoomId[];
  /** These rooms come on top of those of the entry before: one entry would not fit into a notice. */
  readonly goesOn?: true | undefined;
}

/**
 * Somebody became a member of a room, or is one no longer. Name and role are what that server says;
 * what is told of them is what the store says.
 */
export interface MembershipChange {
  readonly room: RoomId;
  readonly change: "joined" | "left";
  readonly user: UserId;
  readonly name: string;
  readonly role: Role;
}

/**
 * - `grown`: the store has events of these rooms up to these seqs
 * - `desk`: something was asked or answered
 * - `membership`: a membership began or ended
 * - `people`: what has changed since the version before, each entry replacing the one it had
 * - `everyone`: all of them as of that version, in parts that follow each other
 * - `pulse`: this server lives, and its people are as of that version
 * - `ask`: let that server, or each when none is named, say who is there
 * - `leaving`: this server has nobody any more
 */
export type Notice =
  | { readonly type: "grown"; readonly rooms: readonly (readonly [room: RoomId, seq: number])[] }
  | { readonly type: "desk" }
  | ({ readonly type: "membership" } & MembershipChange)
  | { readonly type: "people"; readonly version: number; readonly people: readonly PresenceEntry[] }
  | {
    readonly type: "everyone";
    readonly version: number;
    readonly part: number;
    readonly parts: number;
    readonly people: readonly PresenceEntry[];
  }
  | { readonly type: "pulse"; readonly version: number }
  | { readonly type: "ask"; readonly server?: ServerId }
  | { readonly type: "leaving" };

/** A way to all other servers of the same store. */
export interface Bus {
  /** This server's own name on it. */
  readonly id: ServerId;
  readonly isConnected: boolean;
  /** The longest notice it carries, in bytes; undefined while that is not known. */
  readonly maxBytes?: number | undefined;
  /** Tells all others. Must return at once and must not throw; nobody learns whether it arrived. */
  publish(notice: Notice): void;
  /** Hears what others tell, in the order each of them told it, from now on; to be called once. */
  listen(subscribe: (notice: Notice, from: ServerId) => void): void;
}
