// The frames of a session: its begin, its health, its errors and its end (protocol §3 and §7).

import type { ByeCode, ErrorCode } from "../errors.ts";
import type { InquiryState, RoomEvent } from "../event.ts";
import type { Role } from "./roles.ts";
import type { RoomSummary } from "../summaries.ts";

/** The protocol's version, sent in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** How a session logs in (protocol §3). */
export type Auth =
  | { readonly method: "guest"; readonly name: string }
  | { readonly method: "token"; readonly token: string }
  | { readonly method: "password"; readonly name: string; readonly password: string }
  | {
    readonly method: "code";
    readonly code: string;
    /** Of a join code: the name of the new account. */
    readonly name?: string;
    /** Of a join code, where one is wanted, and of a reset code: the new password. */
    readonly password?: string;
  };

/** The user of this session. */
export interface You {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
}

/** What a client sends about its session. */
export interface SessionRequests {
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
  /** Asks for the server's counters (admin). */
  stats: Record<never, never>;
}

/** What a server sends about a session. */
export interface SessionFrames {
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
    /** Of a `register`: who the user is now; `user` also of an `ignore`. */
    readonly user?: number;
    readonly name?: string;
    readonly role?: Role;
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
    /** Of a `ban`: its number. */
    readonly ban?: number;
    /** Of a `respond`: the asker has gone and cannot come back, so it will not be read. */
    readonly asker_gone?: true;
    /** Of an `inquiry`: when it closes without a decision, UTC milliseconds. */
    readonly expires?: number;
    /** Of an `inquiry`: how many operators who may answer it are connected now. */
    readonly operators?: number;
    /** Of an `edit` and a `delete`: the seq of the message. */
    readonly of?: number;
    /** Of a `decide`, a `withdraw` and of work at the desk: the state of the inquiry now. */
    readonly state?: InquiryState;
    /** Of work at the desk: who works on the inquiry now. */
    readonly assignee?: string;
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
    /** Of `already_decided` and `expired`: the event that has decided or closed the question. */
    readonly event?: RoomEvent;
    /** Of `muted` and `banned`: when that ends by itself, UTC milliseconds. */
    readonly until?: number;
    /** Of work at the desk: how the inquiry is, and who works on it; `null`: nobody. */
    readonly state?: InquiryState;
    readonly assignee?: string | null;
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
  stats: { readonly counters: Readonly<Record<string, number>> };
}
