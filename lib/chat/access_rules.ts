// Who may do what in which kind of room: the table that access.ts asks. A new rule is a row here.

import type { RoomKind } from "../store/records.ts";
import type { Role } from "../wire/frames/roles.ts";
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
export const STANDINGS = { none: 0, muted: 1, member: 2, moderator: 3, owner: 4 } as const;
export type Standing = keyof typeof STANDINGS;

/** Why a user is kept out of a room, whatever the rules allow. */
export interface Bar {
  /** Banned; or removed by a moderator, and not a member again. */
  readonly kind: "banned" | "removed";
  /** When it ends by itself, UTC milliseconds. */
  readonly until?: number | undefined;
  readonly reason?: string | undefined;
}

/** What a user who is muted may not do. */
export const WRITES: ReadonlySet<Action> = new Set<Action>(["send", "change"]);

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
export const MEMBER: Rule = { standing: "muted" };
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

export const RULES: Readonly<Record<RoomKind, Rules>> = {
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
export const LEFT: Readonly<Record<Bar["kind"], readonly Action[]>> = {
  banned: ["see"],
  removed: ["see", "join"],
};

/** What a token with scopes needs for an action in a room; `everything` is in no scope. */
export const SCOPES: Readonly<Record<Action, "none" | ScopeName | "everything">> = {
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
