// What the store keeps, as one small interface for each noun. Knows no SQL and no socket. Every method
// is asynchronous even where a store answers at once: no caller may expect an answer in the same turn.

import type { DecisionTerms } from "../wire/event.ts";
import type { Ignores, Moderation } from "./moderation/moderation_store.ts";
import type { Role } from "../wire/frames/roles.ts";
import type {
  Appended,
  Draft,
  ExpiringQuestion,
  InquiryRecord,
  Membership,
  NewToken,
  Opening,
  RoomId,
  RoomRecord,
  StoredEvent,
  TokenOwner,
  UserId,
  UserName,
  UserRecord,
} from "./records.ts";
import type { AskedInquiries } from "./desk/records.ts";
import type { WaitingInquiry } from "./desk/waiting_inquiry.ts";
import type { Bookmarks, Inbox, InboxRoom } from "./inbox/inbox_store.ts";
import type { Rooms } from "./rooms/room_store.ts";
import type { Search } from "./search/search_store.ts";
import type { AccountLogin, AccountRecord, Accounts } from "./people/account_store.ts";
import type { CodeKind, CodeRecord, Codes, NewCode, Tokens } from "./people/credential_store.ts";

/** Why: out of reach, out of space, or a statement that should not have failed. */
export type StoreFault = "unavailable" | "storage_full" | "internal";

/** The store cannot do this now. What it has confirmed before still holds. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreFault;

  constructor(code: StoreFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A name cannot be given: an account or another guest has it, or has one that looks like it. */
export class NameHeldError extends Error {
  override readonly name = "NameHeldError";
}

/** A user cannot become a member of a room: they are banned from it. */
export class BannedError extends Error {
  override readonly name = "BannedError";
}

/** The users. */
export interface Users {
  /**
   * Stores a guest, whose name no other user gets as long as the token is valid.
   * @throws {NameHeldError} when another user has it, on any server
   */
  createGuest(
    guest: NewToken & { name: UserName },
  ): Promise<TokenOwner>;
  /**
   * Stores a guest without a token, who cannot log in again, and whose name others may get.
   * @param nameOf the name of the user with this number
   */
  createPassingGuest(nameOf: (user: UserId) => string): Promise<UserRecord>;
  /** The owner of a token; its use is noted, at most once an hour. Undefined: unknown or expired. */
  findByToken(tokenHash: Uint8Array, options: { now: number }): Promise<TokenOwner | undefined>;
  /** Gives a guest with a token this name, as `createGuest` does. @throws {NameHeldError} */
  holdName(user: UserId, name: UserName): Promise<void>;
  /** Those of the names that an account or a guest with a token has, or that look like such a name. */
  findHeld(names: readonly UserName[]): Promise<ReadonlySet<UserName>>;
  /** Stores the account, or finds the one that has the key: two servers may do this at once. */
  ensureAccount(account: { name: UserName; role: Role; now: number }): Promise<UserRecord>;
  /**
   * Stores a token for one more device, and in the same transaction ends the user's tokens in `instead`,
   * or all. An administrator's token does not expire unless it says when. @returns its number
   */
  addToken(
    user: UserId,
    token: NewToken & { instead?: readonly Uint8Array[] | "all" },
  ): Promise<number>;
  /** Whether another token has replaced this one. */
  isEndedToken(tokenHash: Uint8Array): Promise<boolean>;
  hasToken(user: UserId): Promise<boolean>;
  /** The users who hold names of these keys. */
  findByKeys(keys: readonly string[]): Promise<ReadonlyMap<string, UserRecord>>;
  /** Those of these users that exist. */
  findMany(users: readonly UserId[]): Promise<ReadonlyMap<UserId, UserRecord>>;
  /** The users who may answer at the desk, at most 1,000 of them. */
  operators(): Promise<readonly UserRecord[]>;
  /** Removes tokens unused for 30 days and those that have ended, and the memberships and names of guests without any other token. */
  expire(options: { now: number }): Promise<void>;
}

/** The memberships. */
export interface Members {
  /**
   * Stores a membership that begins at `read`; for a member it answers the read position they have.
   * `by`: another user, who has made them a member, and is logged.
   * @throws {BannedError}
   */
  add(
    member: {
      room: RoomId;
      user: UserId;
      read: number;
      now: number;
      by?: { user: UserId; name: string } | undefined;
    },
  ): Promise<{ read: number; added: boolean }>;
  /** Ends a membership. @returns whether there was one */
  remove(member: { room: RoomId; user: UserId }): Promise<boolean>;
  count(room: RoomId): Promise<number>;
  /** In order of (key of the name, user id), above the key `after`. */
  list(
    room: RoomId,
    options: { after?: string | undefined; limit: number },
  ): Promise<readonly UserRecord[]>;
  /**
   * A user's memberships: by room key above `after`, or the latest activity first; then of inquiries only
   * the newest `limit`.
   */
  ofUser(
    user: UserId,
    options: { order: "activity" | "key"; after?: string | undefined; limit: number },
  ): Promise<readonly Membership[]>;
  /** The memberships of this user among these rooms. */
  among(user: UserId, rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, Membership>>;
  /** Those of these users who are members of the room. */
  usersAmong(room: RoomId, users: readonly UserId[]): Promise<ReadonlySet<UserId>>;
  /** The names of public and private rooms of which both users are members, in order of key. */
  common(user: UserId, options: { other: UserId; limit: number }): Promise<readonly string[]>;
  /** Of how many rooms the user is a member; inquiries and direct conversations do not count. */
  countOf(user: UserId): Promise<number>;
  /** Moves the read position forward, never back; false: not a member. */
  markRead(member: { room: RoomId; user: UserId; seq: number }): Promise<boolean>;
}

/** The events of rooms. */
export interface Messages {
  /**
   * Resolves to the outcome of each draft, in the order given; a fault of one draft never affects another.
   * Answers come after the commit, in the order of the calls, across all callers, except for a room that
   * another transaction keeps locked: only the drafts of that room wait for it. Never rejects.
   */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]>;
  /** Events above `seq`, oldest first: `limit`, or as many as fill a frame when texts are long. */
  after(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The nearest events below `seq`, oldest first, as many as `after` gives. */
  before(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]>;
  /**
   * The seq of the first event at or after `time`; undefined when all are older. Where the clock was set
   * back, a seq at which the times pass `time`; single times out of order are ignored.
   */
  firstAt(room: RoomId, time: number): Promise<number | undefined>;
  /** How many drafts wait for their commit. */
  readonly pending: number;
}

/**
 * The inquiries of the desk. Whether an inquiry waits follows from its log: the transaction that
 * stores an asker's message or an operator's response says so, too. It waits until its latest question
 * has an answer.
 */
export interface Inquiries {
  /**
   * Creates an inquiry and its room, with the asker as member, unless `mostOpen` of theirs wait for an
   * answer or are being asked now; by a `cid` used before, finds that one.
   */
  open(
    inquiry: {
      asker: UserId;
      cid?: string | undefined;
      terms?: DecisionTerms | undefined;
      queue?: string | undefined;
      mostOpen: number;
      now: number;
    },
  ): Promise<Opening>;
  find(id: number): Promise<InquiryRecord | undefined>;
  /** The room of its notes, owned by its asker, which is created when it is missing. */
  openNotes(
    inquiry: Pick<InquiryRecord, "id" | "asker">,
    options: { now: number },
  ): Promise<RoomRecord>;
  /** The inquiry that the asker opened, or posted in, with this `cid`. */
  findByCid(asker: UserId, cid: string): Promise<InquiryRecord | undefined>;
  /** How many of the asker's inquiries wait for an answer or are being asked now. */
  countOpen(asker: UserId, options: { now: number }): Promise<number>;
  /** The inquiries that wait and are not snoozed, the longest waiting first. */
  waiting(
    options: { limit: number; queue?: string | undefined },
  ): Promise<readonly InquiryRecord[]>;
  /**
   * Its position in the queue: 1 is next, 0 means that it does not wait. At most 1,000 are counted.
   */
  position(id: number): Promise<number>;
  /** The position of an inquiry that begins to wait now: the last one. */
  nextPosition(): Promise<number>;
  /** The median wait of the last 20 first answers, in milliseconds; undefined before the first. */
  expectedMs(): Promise<number | undefined>;
  /** The inquiries that are out of the queue until then, UTC milliseconds, those that come back first. */
  snoozed(
    options: { limit: number },
  ): Promise<readonly { readonly inquiry: number; readonly until: number }[]>;
  /** The inquiries in the queue about which operators were not alarmed yet, the longest waiting first. */
  unalarmed(options: { limit: number }): Promise<readonly WaitingInquiry[]>;
  /** The open questions that expire, those that expire first. */
  expiring(options: { limit: number }): Promise<readonly ExpiringQuestion[]>;
  /** Those opened at `since` or later, of the newest 2,000. */
  askedSince(since: number): Promise<AskedInquiries>;
}

export type { AccountLogin, AccountRecord, Accounts, CodeKind, CodeRecord, Codes, NewCode };
export type { Ignores, InboxRoom, Moderation, Rooms, Tokens, WaitingInquiry };

/** Everything that a server keeps. */
export interface Repository extends AsyncDisposable {
  /** Changes when the store was recreated or restored. */
  readonly epoch: string;
  /** The room `desk`, as it was when the repository was opened. */
  readonly desk: RoomRecord;
  /** The room by which servers notify each other of what has no event in `desk`; as that. */
  readonly signals: RoomRecord;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly codes: Codes;
  readonly accounts: Accounts;
  readonly rooms: Rooms;
  readonly members: Members;
  readonly messages: Messages;
  readonly search: Search;
  readonly inbox: Inbox;
  readonly bookmarks: Bookmarks;
  readonly inquiries: Inquiries;
  readonly moderation: Moderation;
  readonly ignores: Ignores;
}
