// What the store keeps for logins besides the users themselves: tokens and codes. A part of repository.ts.

import type { Role } from "../../wire/frames/roles.ts";
import type {
  EndedToken,
  NewToken,
  RoomId,
  TokenOwner,
  TokenRecord,
  UserId,
  UserName,
  UserRecord,
} from "../records.ts";

/** What a code is for: a new account, a new password, a token for a further device. */
export type CodeKind = "join" | "reset" | "device";

/** A code that is to be stored. */
export interface NewCode {
  readonly codeHash: Uint8Array;
  readonly kind: CodeKind;
  readonly creator: UserId;
  /** Whom it is for, unless it creates an account. */
  readonly user?: UserId | undefined;
  /** The role of an account that it makes. */
  readonly role?: Role | undefined;
  /** The rooms to which such an account belongs from the beginning. */
  readonly rooms?: readonly RoomId[] | undefined;
  /** How often it may be redeemed. */
  readonly uses: number;
  readonly now: number;
  readonly expires: number;
}

/** A code that can be redeemed. Times are UTC milliseconds. */
export interface CodeRecord {
  readonly id: number;
  readonly kind: CodeKind;
  readonly creator: UserRecord;
  readonly user: UserRecord | undefined;
  readonly role: Role | undefined;
  readonly rooms: readonly RoomId[];
  readonly uses: number;
  readonly used: number;
  readonly created: number;
  readonly expires: number;
}

/** The tokens of users, and which of them have ended. */
export interface Tokens {
  /** A user's tokens in order of number, above the number `after`. */
  list(
    user: UserId,
    options: { after: number; limit: number; now: number },
  ): Promise<readonly TokenRecord[]>;
  find(token: number, options: { now: number }): Promise<TokenRecord | undefined>;
  /** Notes that these tokens are in use. */
  noteUses(tokens: readonly number[], options: { now: number }): Promise<void>;
  /**
   * Ends a token; of a guest's last one also the memberships and the name. @returns whether there was
   * such a token
   */
  end(token: number, options: { now: number }): Promise<boolean>;
  /** The tokens that were ended since `last` of the call before; some may be given twice. */
  endings(
    after: number,
  ): Promise<{ readonly tokens: readonly EndedToken[]; readonly last: number }>;
  /** Where `endings` begins for a server that starts now. */
  lastEnding(): Promise<number>;
}

/** The codes that are redeemed for an account, a password or a token. */
export interface Codes {
  /** @returns its number @throws {StoreError} when another code has the hash */
  add(code: NewCode): Promise<number>;
  /** The code with this hash, if it can still be redeemed. */
  find(codeHash: Uint8Array, options: { now: number }): Promise<CodeRecord | undefined>;
  /** Codes that can still be redeemed, in order of number, above the number `after`. */
  list(
    options: { creator?: UserId | undefined; after: number; limit: number; now: number },
  ): Promise<readonly CodeRecord[]>;
  /** Ends a code; of `creator` only, when given. @returns whether there was such a code */
  end(code: number, options: { creator?: UserId | undefined }): Promise<boolean>;
  /**
   * In one transaction: takes one use of the code, and stores the account with its token and memberships.
   * @returns undefined when the code has no use left @throws {NameHeldError} then no use is taken
   */
  redeemForAccount(redemption: {
    readonly code: number;
    readonly name: UserName;
    readonly role: Role;
    readonly rooms: readonly RoomId[];
    /** The hash of the password, if there is one. */
    readonly password?: string | undefined;
    readonly token: NewToken;
  }): Promise<TokenOwner | undefined>;
  /**
   * In one transaction: takes one use of the code, and stores a token of the user that it is for.
   * @returns undefined when the code has no use left
   */
  redeemForToken(redemption: {
    readonly code: number;
    readonly user: UserId;
    readonly token: NewToken;
  }): Promise<TokenOwner | undefined>;
  /** Removes codes that cannot be redeemed any more. */
  expire(options: { now: number }): Promise<void>;
}
