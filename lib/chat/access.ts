// The one gate to a room: every read, every request and every delivery asks here. A new rule is a row of
// the table below, never a check somewhere else.

import { ROOM_KINDS, type RoomKind, type UserId } from "../store/records.ts";
import type { Role } from "../wire/frames/roles.ts";
import { ChatError } from "../wire/errors.ts";
import { describeEnd } from "./moderation/end_wording.ts";
import { type Bar, barred, noSuchRoom, type RoomAsNamed, silenced } from "./access_refusals.ts";
import type { Principal } from "./people/principal.ts";
import type { ScopeName } from "../wire/frames/scopes.ts";
import type { DeskScope } from "./people/scopes.ts";

/**
 * What a user can do in a room. `see`: learn that it exists; `change`: edit or delete one's own messages;
 * `respond`, `decide` and `withdraw`: a question in it; `work` and `note`: an inquiry; `add`: make others
 * members; `moderate`: act on other members.
 */
export type Action =
  | "see"
  | "read"
  | "send"
  | "change"
  | "respond"
  | "decide"
  | "withdraw"
  | "work"
  | "note"
  | "join"
  | "add"
  | "topic"
  | "moderate";

/**
 * What a user is in a room, from least to most. A `muted` user is a member who may not write. The owner of
 * a room is the user who created it, the owner of an inquiry its asker.
 */
const STANDINGS = { none: 0, muted: 1, member: 2, moderator: 3, owner: 4 } as const;
export type Standing = keyof typeof STANDINGS;

/** What a user who is muted may not do. */
const WRITES: ReadonlySet<Action> = new Set<Action>(["send", "change"]);

/** What allows an action: a standing in the room, or a role on the server; without both, nobody may. */
interface Rule {
  readonly standing?: Standing;
  readonly role?: Role;
  /** Users of this standing may not, whatever their role. */
  readonly except?: Standing;
  /** A token with this scope is enough, without a role. */
  readonly token?: DeskScope;
}

type Rules = Readonly<Record<Action, Rule>>;

const NOBODY: Rule = {};
const EVERYBODY: Rule = { standing: "none" };
const EVERYBODY_WHO_MAY_WRITE: Rule = { standing: "none", except: "muted" };
const MEMBER: Rule = { standing: "muted" };
const MEMBER_WHO_MAY_WRITE: Rule = { standing: "member" };
const MODERATOR: Rule = { standing: "moderator" };
const MODERATOR_OR_OPERATOR: Rule = { standing: "moderator", role: "operator" };
const MODERATOR_OR_ADMIN: Rule = { standing: "moderator", role: "admin" };
const ASKER: Rule = { standing: "owner" };
const OPERATOR: Rule = { role: "operator" };
/** Nobody decides a question of their own. */
const OTHER_OPERATOR: Rule = { role: "operator", except: "owner" };
const ASKER_OR_OPERATOR: Rule = { standing: "owner", role: "operator" };
const DESK_READER: Rule = { role: "operator", token: "desk" };
const ASKER_OR_DESK_READER: Rule = { ...ASKER_OR_OPERATOR, token: "desk" };
/** Nobody reads what is noted about a question of their own. */
const OTHER_DESK_READER: Rule = { ...OTHER_OPERATOR, token: "desk" };
const ANSWERER: Rule = { role: "operator", token: "answer" };

/** Of a room in which nobody asks. */
const NO_QUESTIONS = {
  respond: NOBODY,
  decide: NOBODY,
  withdraw: NOBODY,
  work: NOBODY,
  note: NOBODY,
} as const;
/** Of a room without owner and moderators, whose members are those that it was made for. */
const CLOSED = { ...NO_QUESTIONS, add: NOBODY, topic: NOBODY, moderate: NOBODY } as const;

const RULES: Readonly<Record<RoomKind, Rules>> = {
  public: {
    see: EVERYBODY,
    read: EVERYBODY,
    send: EVERYBODY_WHO_MAY_WRITE,
    change: EVERYBODY_WHO_MAY_WRITE,
    join: EVERYBODY,
    add: MODERATOR,
    topic: MODERATOR_OR_OPERATOR,
    moderate: MODERATOR_OR_ADMIN,
    ...NO_QUESTIONS,
  },
  // No role opens a private room or a direct conversation: its members decide who reads it.
  private: {
    see: MEMBER,
    read: MEMBER,
    send: MEMBER_WHO_MAY_WRITE,
    change: MEMBER_WHO_MAY_WRITE,
    join: MEMBER,
    add: MEMBER_WHO_MAY_WRITE,
    topic: MODERATOR,
    moderate: MODERATOR,
    ...NO_QUESTIONS,
  },
  direct: {
    see: MEMBER,
    read: MEMBER,
    send: MEMBER_WHO_MAY_WRITE,
    change: MEMBER_WHO_MAY_WRITE,
    join: MEMBER,
    ...CLOSED,
  },
  inquiry: {
    see: ASKER_OR_DESK_READER,
    read: ASKER_OR_DESK_READER,
    send: ASKER,
    change: ASKER_OR_OPERATOR,
    join: ASKER_OR_OPERATOR,
    ...CLOSED,
    respond: ANSWERER,
    decide: OTHER_OPERATOR,
    withdraw: ASKER,
    work: OPERATOR,
  },
  // The owner of the notes about an inquiry is its asker.
  notes: {
    see: OTHER_DESK_READER,
    read: OTHER_DESK_READER,
    send: NOBODY,
    change: OTHER_OPERATOR,
    join: OTHER_OPERATOR,
    ...CLOSED,
    note: OTHER_DESK_READER,
  },
  desk: {
    see: DESK_READER,
    read: DESK_READER,
    send: NOBODY,
    change: NOBODY,
    join: NOBODY,
    ...CLOSED,
  },
  signals: { see: NOBODY, read: NOBODY, send: NOBODY, change: NOBODY, join: NOBODY, ...CLOSED },
};

/** What a user who is kept out may still do, where the rules allow it. */
const LEFT: Readonly<Record<Bar["kind"], readonly Action[]>> = {
  banned: ["see"],
  removed: ["see", "join"],
};

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

/** What a token with scopes needs for an action in a room; `everything` is in no scope. */
const SCOPES: Readonly<Record<Action, "none" | ScopeName | "everything">> = {
  see: "none",
  read: "read",
  send: "send",
  change: "send",
  respond: "answer",
  join: "read",
  add: "everything",
  topic: "everything",
  moderate: "everything",
  decide: "everything",
  withdraw: "ask",
  work: "everything",
  note: "desk",
};

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

/** Whether the principal may know that the room exists, be it by another token than the one they have. */
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
    throw new ChatError("forbidden", `Your token is not good for this in "${asked.name}"`, {
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
  const message = room.kind === "desk"
    ? `"${asked.name}" is only read: its readers follow it, nobody joins it or writes there`
    : `You may not ${action} in "${asked.name}"`;
  throw new ChatError("forbidden", message, { field: "room" });
}
