// Every frame as a type with a sentence: the vocabulary of the protocol. No behaviour.
// The decoders, the command table and the client's receivers are mapped types over the two maps
// below, so the compiler is the checklist for adding a frame. Normative text: docs/protocol.md.

import type { ByeCode, ErrorCode } from "./errors.ts";
import type { LoggedEvent, RoomEvent } from "./event.ts";
import type { InquirySummary, Resumed, RoomSummary } from "./summaries.ts";

/** The protocol's version, sent in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** The id that a client gives a request; the reply has it as `re`. */
export type RequestId = string | number;

/** What a user may do, from least to most. */
export const ROLES = ["guest", "member", "operator", "admin"] as const;
export type Role = typeof ROLES[number];

/** How a session logs in (protocol §3). */
export type Auth =
  | { readonly method: "guest"; readonly name: string }
  | { readonly method: "token"; readonly token: string };

/** The position of a history page: at most one of the four; none is the newest page (protocol §6). */
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

/** A client's cursor: it has all events of the room up to and including `seq`. */
export interface Cursor {
  readonly room: string;
  readonly seq: number;
}

/** What a client sends, by `type`; each may carry an `id` besides. */
export interface ClientFrames {
  /** Opens a session with a version and the name of a program; with `auth` it also logs in. */
  hello: {
    readonly version: number;
    readonly client?: string;
    readonly auth?: Auth;
    /** How long this client may be silent, in milliseconds; 0 is without limit, where allowed. */
    readonly idle_ms?: number;
  };
  /** Logs in, after a hello without `auth`. */
  login: { readonly auth: Auth };
  /** Asks whether the server runs; the only request whose reply may come before others. */
  ping: Record<never, never>;
  /** Answers the server's ping; has no reply. */
  pong: Record<never, never>;
  /** Adds the user to the members of a room and subscribes this connection to it. */
  join: { readonly room: string; readonly create?: boolean };
  /** Ends the membership, and the subscriptions of all connections of the user. */
  leave: { readonly room: string };
  /** Lists the rooms that the user may see, by name; with `joined`, only those joined. */
  rooms: { readonly after?: string; readonly limit?: number; readonly joined?: boolean };
  /** Lists the members of a room, by name. */
  members: { readonly room: string; readonly after?: string; readonly limit?: number };
  /** Sends a message to a room; with a `cid` it can be sent again and is stored once. */
  message: { readonly room: string; readonly content: string; readonly cid?: string };
  /** Asks for a page of a room's events. */
  history: { readonly room: string; readonly limit?: number } & PagePosition;
  /** Marks the room as read up to `seq`; the mark never moves back. */
  read: { readonly room: string; readonly seq: number };
  /** Subscribes to rooms again, from the client's cursors on. */
  resume: { readonly epoch?: string; readonly rooms: readonly Cursor[] };
  /** Asks the desk a question, which opens a new inquiry. */
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

/** A member of a room. */
export interface MemberSummary {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
  /** Whether one of their connections is subscribed to the room now. */
  readonly here: boolean;
}

/** The user of this session. */
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
    /** Logs this user in again; sent once, when the user is created. */
    readonly token?: string;
    /** For signed logins, when `you` is null. */
    readonly nonce?: string;
    /** The methods of logging in, when `you` is null. */
    readonly methods?: readonly string[];
    readonly features: readonly string[];
    readonly limits: Readonly<Record<string, number>>;
    readonly rooms: readonly RoomSummary[];
    readonly more_rooms?: true;
  };
  /** Done; a message is stored, with this `seq`. */
  ok: {
    readonly room?: string;
    readonly seq?: number;
    readonly time?: number;
    readonly dup?: true;
    /** Of an `inquiry` and a `respond`: its number. */
    readonly inquiry?: number;
    /** Of an `inquiry`: its position in the queue, 1 is next. */
    readonly position?: number;
    /** Of an `inquiry`: how long the last ones waited for their first answer, in milliseconds. */
    readonly expected_ms?: number;
    /** Of a `respond`: the asker has gone and cannot come back, so it will not be read. */
    readonly asker_gone?: true;
  };
  /** Refused; the connection goes on. */
  error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly field?: string;
    readonly retry?: boolean;
    readonly after_ms?: number;
    /** Of an internal error: its id in the server's log. */
    readonly fault?: string;
    /** Of `name_taken`: a name that is free. */
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
  /** The reply to `join`: every event above `last` will arrive, in order, once. */
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
  /** A user became a member. */
  joined: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly time: number;
    readonly guest?: true;
  };
  /** A membership ended. */
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
  /** A question in an inquiry, sent to every operator; without `re`, and `seq` is the room's. */
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
