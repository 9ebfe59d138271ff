// What the store keeps of accounts besides names and roles. A part of repository.ts.

import type { Role } from "../../wire/frames/roles.ts";
import type { EndedToken, NewToken, TokenOwner, UserId, UserName, UserRecord } from "../records.ts";

/** Who changes an account, under the name of that moment. */
interface Actor {
  readonly user: UserId;
  readonly name: string;
}

/** An account as administrators and users see it. */
export interface AccountRecord extends UserRecord {
  readonly isBot: boolean;
  readonly isSuspended: boolean;
  readonly hasPassword: boolean;
  /** When the user was created, UTC milliseconds. */
  readonly created: number;
}

/** An account, and its password as a hash that describes itself; undefined without a password. */
export interface AccountLogin {
  readonly account: AccountRecord;
  readonly password: string | undefined;
}

/** What to change of an account; what is missing stays. */
export interface AccountUpdate {
  /** The administrator who changes it, and is logged. */
  readonly by?: Actor | undefined;
  readonly role?: Role | undefined;
  readonly isSuspended?: boolean | undefined;
}

/** The accounts, with their passwords. */
export interface Accounts {
  /** The account of this name, which is no guest. */
  find(nameKey: string): Promise<AccountLogin | undefined>;
  findById(user: UserId): Promise<AccountRecord | undefined>;
  /** In order of name, above the key `after`. */
  list(options: { after: string; limit: number }): Promise<readonly AccountRecord[]>;
  /** Stores an account. @throws {NameHeldError} when another user has the name */
  create(
    account: { name: UserName; role: Role; isBot: boolean; now: number; by?: Actor | undefined },
  ): Promise<AccountRecord>;
  /**
   * Turns a guest into an account, which keeps the number and all that belongs to it.
   * @returns whether the user was a guest @throws {NameHeldError} when another user has the name
   */
  register(
    user: UserId,
    account: { name: UserName; password: string | undefined; now: number },
  ): Promise<boolean>;
  /**
   * Changes an account, and lists it as changed. @returns it as it is now; undefined without such an
   * account; `last_admin` when no active administrator would be left: then nothing has changed
   */
  update(
    user: UserId,
    update: AccountUpdate & { now: number },
  ): Promise<AccountRecord | "last_admin" | undefined>;
  /**
   * Adds a token for a user who has logged in by a password. Where the user has `most` of those that are good
   * for everything, the ones not used for longest end.
   * @returns its number, and what has ended; undefined when the account is suspended or `password`, its hash,
   * is another meanwhile
   */
  addToken(
    user: UserId,
    login: { password: string; token: NewToken; most: number },
  ): Promise<{ readonly token: number; readonly ended: readonly EndedToken[] } | undefined>;
  /**
   * Replaces the password, a hash, by another, and in the same transaction ends all tokens of the user but
   * `keep`, and all codes for the user. @returns the tokens; undefined when `from` is not the password any more
   */
  setPassword(
    user: UserId,
    password: {
      from: string | undefined;
      to: string;
      keep: number | undefined;
      now: number;
    },
  ): Promise<readonly EndedToken[] | undefined>;
  /** Replaces the hash of the same password; nothing when it has changed meanwhile. */
  replaceHash(user: UserId, hashes: { from: string; to: string }): Promise<void>;
  /**
   * In one transaction: takes one use of a reset code, sets the password, ends all tokens and codes, and
   * stores a new token.
   * @returns the owner of the token, and what has ended; undefined when the code has no use left
   */
  redeemForPassword(
    redemption: { code: number; user: UserId; hash: string; token: NewToken },
  ): Promise<{ readonly owner: TokenOwner; readonly ended: readonly EndedToken[] } | undefined>;
  /** The users that were changed since `last` of the call before; some may be given twice. */
  changes(after: number): Promise<{ readonly users: readonly UserId[]; readonly last: number }>;
  /** Where `changes` begins for a server that starts now. */
  lastChange(): Promise<number>;
  /** Removes what every server has seen. */
  expire(options: { now: number }): Promise<void>;
}
