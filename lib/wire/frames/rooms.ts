// The frames about rooms and their members (protocol §4).

import type { LoggedEvent } from "../event.ts";
import type { Role } from "./roles.ts";
import type { RoomSummary } from "../summaries.ts";

/** A member of a room. */
export interface MemberSummary {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
  /** Whether it is a program. */
  readonly bot?: true;
  /** Whether one of their connections is subscribed to the room now. */
  readonly here: boolean;
  /** What they are to the room, if more or less than a member. */
  readonly standing?: string;
}

/** What a client sends about rooms. */
export interface RoomRequests {
  /** Adds the user to the members of a room and subscribes this connection to it. */
  join: { readonly room: string; readonly create?: boolean; readonly private?: boolean };
  /** Makes another user, by name, a member of the room. */
  add: { readonly room: string; readonly user: string };
  /** Sets what the room is about; with a `cid` it can be sent again and is stored once. */
  topic: { readonly room: string; readonly topic: string; readonly cid?: string };
  /** The user is typing in a direct conversation or an inquiry; has no reply. */
  typing: { readonly room: string };
  /** Ends the membership, and the subscriptions of all connections of the user. */
  leave: { readonly room: string };
  /** Lists the rooms that the user may see, by name; with `joined`, only those joined. */
  rooms: { readonly after?: string; readonly limit?: number; readonly joined?: boolean };
  /** Lists the members of a room, by name. */
  members: { readonly room: string; readonly after?: string; readonly limit?: number };
}

/** What a server sends about rooms. */
export interface RoomFrames {
  /** The reply to `join`: every event above `last` will arrive, in order, once. */
  room: {
    readonly room: string;
    /** The kind of the room; an older server does not send it. */
    readonly kind?: string;
    /** What the user is there, if more or less than a member. */
    readonly standing?: string;
    readonly topic: string;
    readonly first: number;
    readonly last: number;
    readonly read: number;
    readonly count: number;
  };
  rooms: { readonly rooms: readonly RoomSummary[]; readonly more: boolean };
  members: {
    readonly room: string;
    readonly members: readonly MemberSummary[];
    readonly more: boolean;
  };
  /** A user became a member. */
  joined: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly time: number;
    readonly guest?: true;
    readonly bot?: true;
  };
  /** A user has set what the room is about: an event of the room's log. */
  topic: LoggedEvent;
  /** Another user, with this name, has made the user of the connection a member. */
  added: { readonly room: string; readonly from: string; readonly time: number };
  /** A membership ended; `code`, `by` and `reason` where a moderator has ended it. */
  left: {
    readonly code?: "kicked" | "banned";
    readonly by?: string;
    readonly reason?: string;
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly time: number;
    readonly guest?: true;
    readonly bot?: true;
  };
  /** A user is typing: an event that passes, as the next. */
  typing: { readonly room: string; readonly user: number; readonly from: string };
  /** A user has come to a small room, or has gone from it. */
  presence: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly here: boolean;
  };
  /** How many members a large room has, instead of `joined` and `left`. */
  count: { readonly room: string; readonly count: number };
}
