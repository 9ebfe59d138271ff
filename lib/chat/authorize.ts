// The one gate to a room: every read and every delivery asks here. Today's rooms are public, so it
// says yes; later rules change this file and grow no path around it.

import type { Role } from "../wire/frame.ts";
import type { RoomKind, UserId } from "../store/repository.ts";
import { ChatError } from "../wire/errors.ts";

/** Who asks. */
export interface Identity {
  readonly user: UserId;
  readonly name: string;
  readonly role: Role;
}

/** What is asked of a room: to know of it, to read it, to speak in it, to belong to it. */
export type Action = "see" | "read" | "speak" | "join";

const RANKS: Readonly<Record<Role, number>> = { guest: 0, member: 1, operator: 2, admin: 3 };

/** Whether a role includes what another may do. */
export function hasRole(role: Role, atLeast: Role): boolean {
  return RANKS[role] >= RANKS[atLeast];
}

/** Whether this identity may do this in a room of this kind. */
export function may(_identity: Identity, _action: Action, room: { kind: RoomKind }): boolean {
  switch (room.kind) {
    case "public":
      return true;
  }
}

/** The answer for a room that is not there and for one that may not be seen: the same bytes. */
export function noSuchRoom(name: string): ChatError {
  return new ChatError("no_such_room", `There is no room "${name}" that you can see`, {
    field: "room",
  });
}

/** @throws {ChatError} no_such_room, or forbidden for a room one may see. */
export function authorize(
  identity: Identity,
  action: Action,
  room: { kind: RoomKind; name: string },
): void {
  if (may(identity, action, room)) return;
  if (!may(identity, "see", room)) throw noSuchRoom(room.name);
  throw new ChatError("forbidden", `You may not ${action} in "${room.name}"`, { field: "room" });
}
