// The one gate to a room: every read and every delivery asks here. Later rules change
// this file and grow no path around it.

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

/** As much of a room as decides who may do what there. */
export interface AccessTarget {
  readonly name: string;
  readonly kind: RoomKind;
  readonly owner: UserId | undefined;
}

/** Whether this identity may do this there. An inquiry is its asker's and the operators'. */
export function may(identity: Identity, _action: Action, room: AccessTarget): boolean {
  switch (room.kind) {
    case "public":
      return true;
    case "inquiry":
      return identity.user === room.owner || hasRole(identity.role, "operator");
  }
}

/** The answer for a room that is not there and for one that may not be seen: the same bytes. */
export function noSuchRoom(name: string): ChatError {
  if (name.startsWith("?")) return noSuchInquiry(name, "room");
  return new ChatError("no_such_room", `There is no room "${name}" that you can see`, {
    field: "room",
  });
}

/** The same for an inquiry; `field` is what the request calls it. */
export function noSuchInquiry(name: string, field: "room" | "inquiry"): ChatError {
  const message = `There is no inquiry "${name}" that you can see`;
  return new ChatError("no_such_inquiry", message, { field });
}

/** @throws {ChatError} no_such_room or no_such_inquiry, or forbidden for a room one may see. */
export function authorize(identity: Identity, action: Action, room: AccessTarget): void {
  if (may(identity, action, room)) return;
  if (!may(identity, "see", room)) throw noSuchRoom(room.name);
  throw new ChatError("forbidden", `You may not ${action} in "${room.name}"`, { field: "room" });
}
