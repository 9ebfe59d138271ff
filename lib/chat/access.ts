// The one gate to a room: every read, every request and every delivery asks here. A new rule is a row of
// the table in access_rules.ts, never a check somewhere else.

import { ROOM_KINDS, type RoomKind, type UserId } from "../store/records.ts";
import { ChatError } from "../wire/errors.ts";
import { describeEnd } from "./moderation/end_wording.ts";
import { barred, noSuchRoom, notAllowed, type RoomAsNamed, silenced } from "./access_refusals.ts";
import {
  type Action,
  type Bar,
  LEFT,
  MEMBER,
  RULES,
  SCOPES,
  type Standing,
  STANDINGS,
  WRITES,
} from "./access_rules.ts";
import type { Principal } from "./people/principal.ts";

export type { Action, Standing };

/** As much of a room as decides who may do what there. */
export interface AccessTarget {
  readonly name: string;
  readonly kind: RoomKind;
  readonly owner: UserId | undefined;
  /**
   * What the user is known to be there, besides its owner; `none` when nothing is known. Of a room that is
   * not in memory nothing is.
   */
  standingOf?(user: UserId): Standing;
  /** What was decided of the user there; undefined: nothing, and the room's creator is its owner. */
  decidedStandingOf?(user: UserId): Standing | undefined;
  /** When the user's standing ends by itself, UTC milliseconds; undefined: never. */
  standingEnds?(user: UserId): number | undefined;
  barOf?(principal: Pick<Principal, "user" | "address">): Bar | undefined;
}

/** Whether this principal may do this in the room, as it stands there now, by the token they have. */
export function may(principal: Principal, action: Action, room: AccessTarget): boolean {
  return isInScopes(principal, action, room) && mayByStanding(principal, action, room);
}

function isInScopes(principal: Principal, action: Action, room: AccessTarget): boolean {
  const { scopes } = principal;
  // First, because it is asked for each delivery.
  if (scopes === undefined && !principal.isBot) return true;
  const scope = SCOPES[action];
  return scopes === undefined ? scope !== "everything" : scopes.cover(scope, room);
}

/** Whether the principal may know that the room exists, also by another token than this one. */
export function mayBeKnown(principal: Principal, room: AccessTarget): boolean {
  return mayByStanding(principal, "see", room);
}

/** The same by any token of theirs. */
function mayByStanding(principal: Principal, action: Action, room: AccessTarget): boolean {
  const bar = room.barOf?.(principal);
  if (bar !== undefined && !LEFT[bar.kind].includes(action)) return false;
  if (WRITES.has(action) && principal.isSilenced) return false;
  const { standing, role, except, token } = RULES[room.kind][action];
  if (standing === "none" && except === undefined) return true;
  const own = standingIn(room, principal);
  if (own === except) return false;
  return (token !== undefined && principal.isForDesk(token)) ||
    (role !== undefined && principal.hasRole(role)) ||
    (standing !== undefined && (standing === "none" || STANDINGS[own] >= STANDINGS[standing]));
}

/**
 * The kinds of rooms that a user may read: all of a kind, those of others, those of their own, those they are
 * members of.
 */
type ReadableKinds = Readonly<Record<"all" | "others" | "own" | "joined", RoomKind[]>>;

export function readableKinds(principal: Principal): ReadableKinds {
  const readable: ReadableKinds = { all: [], others: [], own: [], joined: [] };
  for (const kind of ROOM_KINDS) {
    const { standing, role, except } = RULES[kind].read;
    const isForAll = standing === "none" || (role !== undefined && principal.hasRole(role));
    if (isForAll) (except === "owner" ? readable.others : readable.all).push(kind);
    else if (standing === "owner") readable.own.push(kind);
    else if (standing !== undefined) readable.joined.push(kind);
  }
  return readable;
}

/** Whether only members know of the room: who they are is looked up before it is used. */
export function isForMembers({ kind }: Pick<AccessTarget, "kind">): boolean {
  return RULES[kind].see === MEMBER;
}

/** The room for a user whom the store has as its member. */
export function forMember({ name, kind, owner }: AccessTarget): AccessTarget {
  return { name, kind, owner, standingOf: () => "member" };
}

/** What the principal is in the room. */
export function standingIn(room: AccessTarget, { user }: Pick<Principal, "user">): Standing {
  const decided = room.decidedStandingOf?.(user);
  if (decided !== undefined) return decided;
  if (user === room.owner) return "owner";
  return room.standingOf?.(user) ?? "none";
}

/**
 * Refuses what `may` does not allow.
 * @param asked how the request has named the room
 * @throws {ChatError} as for a room that does not exist when it may not be seen; else `banned`,
 * `not_in_room` of a user who was removed, `muted`, `bad_field` when there is another request for this, or
 * `forbidden`
 */
export function authorize(
  principal: Principal,
  action: Action,
  room: AccessTarget,
  asked: RoomAsNamed,
): void {
  if (may(principal, action, room)) return;
  if (!mayBeKnown(principal, room)) throw noSuchRoom(asked);
  if (!isInScopes(principal, action, room)) {
    throw new ChatError("forbidden", `Your token does not allow this in "${asked.name}"`, {
      field: "room",
    });
  }
  const bar = room.barOf?.(principal);
  if (bar !== undefined) throw barred(room, bar);
  if (WRITES.has(action) && principal.isSilenced) throw silenced();
  if (WRITES.has(action) && standingIn(room, principal) === "muted") {
    const until = room.standingEnds?.(principal.user);
    const message = `You are muted in "${room.name}"${describeEnd(until)}`;
    throw new ChatError("muted", message, { field: "room", until });
  }
  if (action === "send" && may(principal, "respond", room)) {
    throw new ChatError("bad_field", 'Answer an inquiry by "respond", not by "message"', {
      field: "room",
    });
  }
  if (room.kind !== "desk") throw notAllowed(action, asked);
  const message = `"${asked.name}" can only be read: users cannot join it or write there`;
  throw new ChatError("forbidden", message, { field: "room" });
}
