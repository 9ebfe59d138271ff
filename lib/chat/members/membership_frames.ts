// The events `joined`, `left` and `added` as frames. Pure.

import type { MembershipChange } from "../../cluster/bus.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { authorFields, authorOf } from "../event_frames.ts";
import type { Account } from "../people/principal.ts";
import type { Room } from "../room.ts";

export type Change = MembershipChange["change"];

/** A membership that began or ended. */
export interface MembershipEvent {
  readonly change: Change;
  readonly account: Account;
  /** The user who has added them: their own connections are sent `added`. */
  readonly by?: Account | undefined;
  /** When, in milliseconds since 1970; now when missing. */
  readonly time?: number;
}

/** How a moderator has ended a membership. */
export interface Removal {
  readonly code: "kicked" | "banned";
  /** The name of the moderator. */
  readonly by: string;
  readonly reason: string | undefined;
}

/** A user who was removed from a room. */
export interface RemovalEvent {
  readonly account: Account;
  readonly removal: Removal;
  readonly time: number;
}

/** A room as far as an event names it. */
export type NamedRoom = Pick<Room, "id" | "name">;

/** The event `joined` or `left`. @param now its time, where the event has none */
export function changeFrame(
  { name }: NamedRoom,
  { change, account, time }: MembershipEvent,
  now: number,
): ServerFrame {
  return {
    type: change,
    room: name,
    ...authorFields(authorOf(account)),
    time: time ?? now,
  };
}

/** The event for the user's own connections: `added` when another user has made them a member. */
export function ownFrame(room: NamedRoom, event: MembershipEvent, now: number): ServerFrame {
  const { by, time = now } = event;
  if (by === undefined) return changeFrame(room, event, now);
  return { type: "added", room: room.name, from: by.name, time };
}

/** The event `left` of a user who was removed. */
export function removalFrame(
  room: NamedRoom,
  { account, removal, time }: RemovalEvent,
): ServerFrame {
  const left = changeFrame(room, { change: "left", account, time }, time);
  return { ...left, ...removal } as ServerFrame;
}
