// The one gate to a room: every read, every request and every delivery asks here. A new rule is a row of
// the table below, never a check somewhere else.

import type { RoomKind, UserId } from "../store/records.ts";
import type { Role } from "../wire/frames/roles.ts";
import { ChatError } from "../wire/errors.ts";
import { hasRole, type Principal } from "./people/principal.ts";

/**
 * What is asked of a room: to know that it exists, to read it, to send a message to it, to answer a
 * question in it, to be its member.
 */
export type Action = "see" | "read" | "send" | "respond" | "join";

/** What a user is in a room; the owner of an inquiry is its asker. */
type Standing = "owner" | "member" | "none";

const STANDINGS: Readonly<Record<Standing, number>> = { none: 0, member: 1, owner: 2 };

/** What allows an action: a standing in the room, or a role on the server. */
interface Rule {
  readonly standing?: Standing;
  readonly role?: Role;
}

const EVERYBODY: Rule = { standing: "none" };
const ASKER: Rule = { standing: "owner" };
const OPERATOR: Rule = { role: "operator" };
const ASKER_OR_OPERATOR: Rule = { standing: "owner", role: "operator" };

const RULES: Readonly<Record<RoomKind, Readonly<Record<Action, Rule>>>> = {
  public: {
    see: EVERYBODY,
    read: EVERYBODY,
    send: EVERYBODY,
    respond: {},
    join: EVERYBODY,
  },
  inquiry: {
    see: ASKER_OR_OPERATOR,
    read: ASKER_OR_OPERATOR,
    send: ASKER,
    respond: OPERATOR,
    join: ASKER_OR_OPERATOR,
  },
};

/** As much of a room as decides who may do what there. */
interface AccessTarget {
  readonly name: string;
  readonly kind: RoomKind;
  readonly owner: UserId | undefined;
  /** Whether the user is known to be a member; of a room that is not in memory nobody is. */
  hasMember?(user: UserId): boolean;
}

/** Whether this principal may do this in the room, as it stands there now. */
export function may(principal: Principal, action: Action, room: AccessTarget): boolean {
  const { standing, role } = RULES[room.kind][action];
  if (standing === "none") return true;
  return (role !== undefined && hasRole(principal.role, role)) ||
    (standing !== undefined && STANDINGS[standingOf(principal, room)] >= STANDINGS[standing]);
}

/** What the principal is in the room. */
function standingOf({ user }: Principal, room: AccessTarget): Standing {
  if (user === room.owner) return "owner";
  return room.hasMember?.(user) === true ? "member" : "none";
}

/** How a request has named a room: in its letters, by an alias, or by the number of an inquiry. */
interface RoomAsNamed {
  readonly name: string;
  /** What the request calls it; `room` when missing. */
  readonly field?: "room" | "inquiry";
}

/**
 * The answer for a room that does not exist and for one that may not be seen: the same bytes, since it
 * repeats nothing but what was asked.
 */
export function noSuchRoom({ name, field = "room" }: RoomAsNamed): ChatError {
  if (field === "inquiry" || name.startsWith("?")) {
    const message = `There is no inquiry "${name}" that you can see`;
    return new ChatError("no_such_inquiry", message, { field });
  }
  return new ChatError("no_such_room", `There is no room "${name}" that you can see`, { field });
}

/**
 * Refuses what `may` does not allow.
 * @param asked how the request has named the room
 * @throws {ChatError} as for a room that does not exist when it may not be seen; else `bad_field` when
 * there is another request for this, or `forbidden`
 */
export function authorize(
  principal: Principal,
  action: Action,
  room: AccessTarget,
  asked: RoomAsNamed,
): void {
  if (may(principal, action, room)) return;
  if (!may(principal, "see", room)) throw noSuchRoom(asked);
  if (action === "send" && may(principal, "respond", room)) {
    throw new ChatError("bad_field", 'Answer an inquiry by "respond", not by "message"', {
      field: "room",
    });
  }
  throw new ChatError("forbidden", `You may not ${action} in "${room.name}"`, { field: "room" });
}
