// What the store keeps of users and their tokens, as the rest of the program sees it. A part of records.ts.

import type { Role } from "../../wire/frames/roles.ts";
import type { UserId } from "../ids.ts";

/** A name as written, and the two forms in which names are compared. */
export interface UserName {
  readonly name: string;
  /** The same name has the same key. */
  readonly key: string;
  /** Names that look alike have the same skeleton. */
  readonly skeleton: string;
}

export interface UserRecord {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  /** Whether the account is a program's. This and the state are read where accounts are. */
  readonly isBot?: boolean;
  readonly isSuspended?: boolean;
}

/** The owner of a token. */
export interface TokenOwner extends UserRecord {
  /** Whether no other user has the name; a guest of an older database may share it. */
  readonly holdsName: boolean;
  /** The number of the token; undefined for one that only a process knows. */
  readonly token?: number | undefined;
  /** What the token is good for, as `TokenRecord` has it. */
  readonly scopes?: readonly string[] | undefined;
  /** When it ends, used or not, UTC milliseconds; undefined: 30 days after its last use, or never. */
  readonly expires?: number | undefined;
}

/** A token that is to be stored. */
export interface NewToken {
  readonly tokenHash: Uint8Array;
  readonly now: number;
  /** What the user calls it, and the program that asked for it. */
  readonly label?: string | undefined;
  readonly client?: string | undefined;
  /** When it ends, UTC milliseconds; 30 days after its last use when missing. */
  readonly expires?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** A token as its user sees it. Times are UTC milliseconds. */
export interface TokenRecord {
  /** Its number, which no other token has. */
  readonly id: number;
  readonly user: UserId;
  readonly label: string;
  readonly client: string;
  readonly created: number;
  /** Its last use, to the hour. */
  readonly used: number;
  /** When it ends; undefined when never. */
  readonly expires: number | undefined;
  /** Each is a word, or a word and a room: `send:ops`. Undefined: it is good for everything. */
  readonly scopes: readonly string[] | undefined;
}

/** A token that was ended by a request. */
export interface EndedToken {
  readonly token: number;
  readonly user: UserId;
}
