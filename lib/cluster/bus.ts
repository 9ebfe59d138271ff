// What the servers of one store publish to each other. A bus may lose notices and stores none: everything
// that matters is in the store, and is read there after a loss.

import type { Role } from "../wire/frames/roles.ts";
import type { RoomId, UserId } from "../store/records.ts";

/** Identifies a running server; a new one at each start. */
export type ServerId = string;

/** How a user is connected to one server. */
export interface PresenceEntry {
  readonly user: UserId;
  readonly name: string;
  /** 0: no more. */
  readonly connections: number;
  /** The rooms to which one of these connections is subscribed. */
  readonly rooms: readonly RoomId[];
  /** These rooms are in addition to those of the entry before: one entry would not fit a notice. */
  readonly goesOn?: true | undefined;
}

/**
 * A user became a member of a room, or is a member no longer. Name and role are as the sending server
 * knows them; clients are sent what is in the store.
 */
export interface MembershipChange {
  readonly room: RoomId;
  readonly change: "joined" | "left";
  readonly user: UserId;
  readonly name: string;
  readonly role: Role;
  /** The user who has added them. */
  readonly by?: UserId | undefined;
}

/** A user has read a room up to this event. */
export interface ReadPosition {
  readonly room: RoomId;
  readonly user: UserId;
  readonly seq: number;
}

/**
 * - `grown`: the store has events of these rooms up to these seqs
 * - `tokens`: tokens were ended
 * - `acted`: the log of moderation has a further act
 * - `accounts`: accounts were changed
 * - `membership`: a membership began or ended
 * - `read`: a user who is connected to other servers, too, has read a room
 * - `direct`: a direct conversation has begun
 * - `typing`: a user is typing in a room
 * - `people`: what has changed since the version before; each entry replaces the user's former one
 * - `everyone`: all entries as of this version, in parts that follow each other
 * - `pulse`: this server runs, and its entries are as of this version
 * - `ask`: requests the list of that server, or of every server when none is named
 * - `leaving`: this server has no connections any more
 */
export type Notice =
  | { readonly type: "grown"; readonly rooms: readonly (readonly [room: RoomId, seq: number])[] }
  | { readonly type: "tokens" }
  | { readonly type: "acted" }
  | { readonly type: "accounts" }
  | ({ readonly type: "membership" } & MembershipChange)
  | ({ readonly type: "read" } & ReadPosition)
  | { readonly type: "direct"; readonly room: RoomId }
  | { readonly type: "typing"; readonly room: RoomId; readonly user: UserId }
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

/** The connection to all other servers of the same store. */
export interface Bus {
  /** This server on the bus. */
  readonly id: ServerId;
  readonly isConnected: boolean;
  /** The longest notice it carries, in bytes; undefined while that is not known. */
  readonly maxBytes?: number | undefined;
  /** Sends to all other servers. Must return at once and must not throw; delivery is not confirmed. */
  publish(notice: Notice): void;
  /**
   * Calls `onNotice` for each notice of the others, in the order in which each server sent its own; to
   * be called once.
   */
  listen(onNotice: (notice: Notice, from: ServerId) => void): void;
}
