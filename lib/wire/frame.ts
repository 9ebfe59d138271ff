// Every frame as a type with a sentence each: the vocabulary of the protocol. No behaviour.
// The decoders, the command table and the client's receivers are mapped types over the two maps
// below, so the compiler is the checklist for adding a frame. Normative text: docs/protocol.md.

import type { ByeCode, ErrorCode } from "./errors.ts";

/** The protocol's version, spoken in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** What a requester calls its request; the reply carries it back as `re`. */
export type RequestId = string | number;

/** What a user may do, from least to most. */
export const ROLES = ["guest", "member", "operator", "admin"] as const;
export type Role = typeof ROLES[number];

/** How a session says who it is (protocol §3). */
export type Auth =
  | { readonly method: "guest"; readonly name: string }
  | { readonly method: "token"; readonly token: string };

/** Where a history page lies: at most one of the four; none is the newest page (protocol §6). */
export interface PagePosition {
  /** Events below this seq, the nearest ones. */
  readonly before?: number;
  /** Events above this seq, the nearest ones. */
  readonly after?: number;
  /** Events on both sides of this seq. */
  readonly around?: number;
  /** Events from the first one at or after this time, UTC milliseconds. */
  readonly at?: number;
}

/** A client's cursor: it has everything in the room up to and including `seq`. */
export interface Cursor {
  readonly room: string;
  readonly seq: number;
}

/** What a client sends, by `type`; each may carry an `id` besides. */
export interface ClientFrames {
  /** Opens a session: which version, which program, and, with `auth`, who. */
  hello: {
    readonly version: number;
    readonly client?: string;
    readonly auth?: Auth;
    /** How long this client may be silent, in milliseconds; 0 is for ever, where allowed. */
    readonly idle_ms?: number;
  };
  /** Says who, after a hello without `auth`. */
  login: { readonly auth: Auth };
  /** Asks for a sign of life; the one request whose reply may overtake. */
  ping: Record<never, never>;
  /** Answers the server's ping; never replied to. */
  pong: Record<never, never>;
  /** Becomes a member of a room and hears it on this connection. */
  join: { readonly room: string; readonly create?: boolean };
  /** Ends the membership, and the hearing on every connection of the user. */
  leave: { readonly room: string };
  /** Lists the rooms one may see, by name; with `joined`, only one's own. */
  rooms: { readonly after?: string; readonly limit?: number; readonly joined?: boolean };
  /** Lists the members of a room, by name. */
  members: { readonly room: string; readonly after?: string; readonly limit?: number };
  /** Says something in a room; `cid` makes a resend safe. */
  message: { readonly room: string; readonly content: string; readonly cid?: string };
  /** Asks for a page of a room's events. */
  history: { readonly room: string; readonly limit?: number } & PagePosition;
  /** Says that one has read the room up to `seq`; it never moves back. */
  read: { readonly room: string; readonly seq: number };
  /** Hears rooms again from where one's cursors stand. */
  resume: { readonly epoch?: string; readonly rooms: readonly Cursor[] };
  /** Asks the desk: opens an inquiry of its own. */
  inquiry: { readonly content: string; readonly cid?: string };
  /** Lists the inquiries that wait for an answer, the longest waiting first (operator). */
  queue: { readonly limit?: number };
  /** Answers a question of an inquiry, the latest unless `to` names another (operator). */
  respond: {
    readonly inquiry: number;
    readonly content: string;
    readonly cid?: string;
    readonly to?: number;
  };
  /** Asks for the server's counters (admin). */
  stats: Record<never, never>;
}

/** A membership or a listed room. The four counters of reading are there for members only. */
export interface RoomSummary {
  readonly room: string;
  readonly first: number;
  readonly last: number;
  readonly topic?: string;
  /** How many members it has. */
  readonly count?: number;
  readonly joined?: boolean;
  readonly read?: number;
  /** Messages above `read`: one's own move it, so these are of others. */
  readonly unread?: number;
  /** Those of them that name one. */
  readonly mentions?: number;
}

/** Somebody who belongs to a room. */
export interface MemberSummary {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
  /** Whether a connection of theirs hears the room now. */
  readonly here: boolean;
}

/** What an event of a room's log is: a `response` is an operator's answer in an inquiry's room. */
export type EventKind = "message" | "response";

/**
 * What a user wrote: one type from the request to the store and on to every reader. A further field
 * of a message belongs here, and in the two lists of store/event_columns.ts.
 */
export interface EventBody {
  readonly kind: EventKind;
  readonly content: string;
  /** Of a response: the seq of the question; missing where an older server stored the answer. */
  readonly to?: number;
}

/** A body in a frame, where the frame's `type` is the kind. */
export type EventFields = Omit<EventBody, "kind">;

/** An event of a room's log without its type: the same fields live, in a page and in a replay. */
interface LoggedEvent extends EventFields {
  readonly room: string;
  readonly seq: number;
  readonly user: number;
  readonly from: string;
  readonly guest?: true;
  readonly time: number;
  /** `content` is the beginning of a text from an older program, too long for a frame. */
  readonly cut?: true;
}
/** An event of a room's log: every event that has a `seq`. */
export interface RoomEvent extends LoggedEvent {
  readonly type: EventKind;
}

/** An inquiry that waits for an answer. */
export interface InquirySummary {
  readonly inquiry: number;
  readonly room: string;
  readonly user: number;
  readonly from: string;
  readonly guest?: true;
  /** `open`: nobody has answered yet; `claimed`: somebody has, and is asked again. */
  readonly state: "open" | "claimed";
  /** Who answered first. */
  readonly assignee?: string;
  /** Since when it has waited, UTC milliseconds. */
  readonly since: number;
  /** The room's highest seq. */
  readonly last: number;
  /** The beginning of the latest question, and its seq, which an older server does not say. */
  readonly content: string;
  readonly seq?: number;
}

/** What became of one cursor of a `resume`. */
export type Resumed =
  | {
    readonly room: string;
    readonly recovered: true;
    readonly missed: number;
    readonly last: number;
  }
  | {
    readonly room: string;
    readonly recovered: false;
    readonly missed: number;
    readonly last: number;
    readonly reason: "too_many" | "retention" | "epoch";
  }
  | { readonly room: string; readonly error: ErrorCode };

/** Who one is in this session. */
export interface You {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
}

/** What a server sends, by `type`; a reply carries `re` besides, an event does not. */
export interface ServerFrames {
  /** The session is open; without `you`, a `login` is awaited. */
  welcome: {
    readonly version: number;
    readonly server: string;
    /** Changes when the store was recreated or restored: cursors of another epoch are void. */
    readonly epoch: string;
    readonly time: number;
    readonly you: You | null;
    /** Brings this user back; given once, when the user is made. */
    readonly token?: string;
    /** For signed logins, when `you` is null. */
    readonly nonce?: string;
    /** The ways to log in, when `you` is null. */
    readonly methods?: readonly string[];
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
    readonly rooms: readonly RoomSummary[];
    readonly more_rooms?: true;
  };
  /** Done; for a message: stored, under this `seq`. */
  ok: {
    readonly room?: string;
    readonly seq?: number;
    readonly time?: number;
    readonly dup?: true;
    /** Of an `inquiry` and a `respond`: its number. */
    readonly inquiry?: number;
    /** Of an `inquiry`: its place in the queue, 1 is next. */
    readonly position?: number;
    /** Of an `inquiry`: how long the last ones waited for their first answer, in milliseconds. */
    readonly expected_ms?: number;
    /** Of a `respond`: the asker has gone and cannot come back, nobody will read it. */
    readonly asker_gone?: true;
  };
  /** Refused; the connection goes on. */
  error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly field?: string;
    readonly retry?: boolean;
    readonly after_ms?: number;
    /** Of a fault inside the server: its name in the server's log. */
    readonly fault?: string;
    /** Of `name_taken`: a name that can be had. */
    readonly suggestion?: string;
  };
  /** The last frame of a connection. */
  bye: {
    readonly code: ByeCode;
    readonly message: string;
    readonly reconnect: boolean;
    readonly after_ms?: number;
  };
  ping: Record<never, never>;
  pong: { readonly time: number };
  /** One has joined: every event above `last` will arrive, in order, once. */
  room: {
    readonly room: string;
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
  /** Somebody became a member. */
  joined: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly time: number;
    readonly guest?: true;
  };
  /** Somebody's membership ended. */
  left: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly time: number;
    readonly guest?: true;
  };
  /** How many members a large room has, instead of `joined` and `left`. */
  count: { readonly room: string; readonly count: number };
  message: LoggedEvent;
  response: LoggedEvent;
  /** An asker said something in an inquiry, to every operator; no `re`, and `seq` is the room's. */
  inquiry: LoggedEvent & { readonly inquiry: number };
  queue: { readonly inquiries: readonly InquirySummary[]; readonly more: boolean };
  page: {
    readonly room: string;
    readonly events: readonly RoomEvent[];
    readonly more_before: boolean;
    readonly more_after: boolean;
  };
  resumed: { readonly rooms: readonly Resumed[] };
  stats: { readonly counters: Readonly<Record<string, number>> };
}

export type ClientFrameType = keyof ClientFrames;
export type ServerFrameType = keyof ServerFrames;
/** One frame a client sends; all of them, unless a type is named. */
export type ClientFrame<T extends ClientFrameType = ClientFrameType> = {
  [K in T]: { readonly type: K; readonly id?: RequestId } & ClientFrames[K];
}[T];
/** One frame a server sends; all of them, unless a type is named. */
export type ServerFrame<T extends ServerFrameType = ServerFrameType> = {
  [K in T]: { readonly type: K; readonly re?: RequestId } & ServerFrames[K];
}[T];
