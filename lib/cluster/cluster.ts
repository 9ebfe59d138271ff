// The port to the other servers of the same store, as rooms, names and the desk use it. Knows no bus.

import type { RoomId, UserId } from "../store/records.ts";
import type { MembershipChange, ReadPosition } from "./bus.ts";

/** Publishes what happens on this server, and knows who is connected to the others. */
export interface Cluster {
  /** How many servers there are besides this one. */
  readonly servers: number;
  /** Whether they can be reached. */
  readonly isConnected: boolean;
  /** The store has events of the room up to `seq`. */
  eventsStored(room: RoomId, seq: number): void;
  /** Tokens were ended. */
  tokensEnded(): void;
  /** An act of moderation was stored. */
  acted(): void;
  /** Accounts were changed. */
  accountsChanged(): void;
  membershipChanged(change: MembershipChange): void;
  /** A user who has connections to other servers, too, has read a room. */
  positionMoved(position: ReadPosition): void;
  /** A user is typing in the room. */
  typing(room: RoomId, user: UserId): void;
  /** A direct conversation is about to have its first event. */
  directBegun(room: RoomId): void;
  /** The connections or the name of a user on this server have changed. */
  presenceChanged(user: UserId): void;
  /** The first connection of the user on this server has subscribed to the room. */
  subscribed(room: RoomId, user: UserId): void;
  /** The last one has unsubscribed. */
  unsubscribed(room: RoomId, user: UserId): void;
  /** How many connections the user has to other servers. */
  connectionsOf(user: UserId): number;
  /** Whether the user is subscribed to the room on another server. */
  isSubscribed(room: RoomId, user: UserId): boolean;
  /** Whether another user than `user` has this name, or one that looks like it, on another server. */
  isNameHeld(name: string, user?: UserId): boolean;
  /** The users who are connected to other servers, once for each server. */
  people(): Iterable<{ user: UserId; name: string; connections: number }>;
}

const NOTHING = () => {};

/** A server that has its store to itself. */
export const SINGLE_SERVER: Cluster = {
  servers: 0,
  isConnected: false,
  eventsStored: NOTHING,
  tokensEnded: NOTHING,
  acted: NOTHING,
  accountsChanged: NOTHING,
  membershipChanged: NOTHING,
  positionMoved: NOTHING,
  typing: NOTHING,
  directBegun: NOTHING,
  presenceChanged: NOTHING,
  subscribed: NOTHING,
  unsubscribed: NOTHING,
  connectionsOf: () => 0,
  isSubscribed: () => false,
  isNameHeld: () => false,
  people: () => [],
};
