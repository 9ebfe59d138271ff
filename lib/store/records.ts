// What the store keeps of users, rooms, events and inquiries, as the rest of the program sees it. The
// methods that read and write it are in repository.ts.

import type { ErrorCode } from "../wire/errors.ts";
import type { DecisionTerms, EventBody, InquiryState } from "../wire/event.ts";
import { ROOM_KINDS, type RoomKind } from "./rooms/room_kinds.ts";
import type { Expectation, InquiryStatus } from "./desk/records.ts";
import type { Standing } from "../wire/frames/moderation.ts";
import { type RoomId, roomId, type UserId, userId } from "./ids.ts";
import type { UserRecord } from "./people/records.ts";

export { ROOM_KINDS, type RoomId, roomId, type RoomKind, type UserId, userId };
export type {
  EndedToken,
  NewToken,
  TokenOwner,
  TokenRecord,
  UserName,
  UserRecord,
} from "./people/records.ts";

export interface RoomRecord {
  readonly id: RoomId;
  /** The current name as written. */
  readonly name: string;
  readonly kind: RoomKind;
  readonly topic: string;
  /** The lowest seq that is kept; 1 unless old messages were removed. */
  readonly first: number;
  /** The highest seq; 0 in an empty room. */
  readonly last: number;
  /** The user who created it, or asks in it; undefined for the lobby. */
  readonly owner: UserId | undefined;
  /** How many members it has. */
  readonly members: number;
  /** How many memberships of it have ended. */
  readonly removals: number;
  /** The two users of a direct conversation, the lower number first, under the names they have now. */
  readonly pair: readonly [RoomUser, RoomUser] | undefined;
  /**
   * What moderators have decided, and how often that has changed; missing where nothing was decided, and
   * in lists of rooms.
   */
  readonly sanctions?: RoomSanctionRecords & { readonly version: number };
}

/** A user of a direct conversation. */
export interface RoomUser {
  readonly user: UserId;
  readonly name: string;
}

/** A room that was looked up for a user, and whether they are a member; both as of one moment. */
export interface RoomForUser {
  readonly room: RoomRecord;
  readonly isMember: boolean;
}

/** What was decided of a user in a room, who may have left it. */
export interface StandingRecord {
  readonly user: UserId;
  readonly standing: Standing;
  /** When it ends, and the user is a member like others; undefined: never. */
  readonly ends: number | undefined;
  /** A moderator has ended the membership, and the user has not joined since. */
  readonly isRemoved: boolean;
}

/** A ban of a user or of a network. */
export interface BanRecord {
  readonly id: number;
  readonly user: UserId | undefined;
  /** The name of the user now. */
  readonly name: string | undefined;
  readonly network: string | undefined;
  /** The name of the user who banned. */
  readonly by: string;
  readonly reason: string;
  readonly created: number;
  /** When it ends; undefined: never. */
  readonly ends: number | undefined;
}

/** What was decided in a room, as far as it holds now. */
export interface RoomSanctionRecords {
  readonly standings: readonly StandingRecord[];
  readonly bans: readonly BanRecord[];
}

/** The author of an event, as they were when they wrote it. */
export interface Author {
  readonly user: UserId;
  readonly from: string;
  readonly guest: boolean;
  /** Whether it is a program; not when missing. */
  readonly bot?: boolean;
}

/** An event as the store keeps it. */
export interface StoredEvent extends Author {
  readonly seq: number;
  readonly body: EventBody;
  /**
   * UTC milliseconds; within a room it decreases only where the clock was set back by more than five
   * minutes.
   */
  readonly time: number;
}

/** An event that is not stored yet. */
export interface Draft extends Author {
  readonly room: RoomId;
  readonly body: EventBody;
  /** The sender's own name for it: a user's cid is stored at most once. */
  readonly cid?: string | undefined;
  /** Of a delete: whether its author may delete the messages of others in the room. */
  readonly isModerator?: boolean | undefined;
  /**
   * The number of the inquiry that it changes: of every draft into an inquiry's room, and into the room
   * `desk`. What an event of an inquiry's room changes is stored in the room `desk` with it.
   */
  readonly inquiry?: number | undefined;
  /** Refused unless the inquiry is so. */
  readonly expect?: Expectation | undefined;
  /** Of an answer: whether it is stored although another operator has just answered. */
  readonly anyway?: boolean | undefined;
  /** Of an answer: the seq of the latest question that it was written for; refused after a later one. */
  readonly asOf?: number | undefined;
  /** Whether it is recognised where it is stored already, and else refused, with any code. */
  readonly resendOnly?: boolean | undefined;
}

/** What a draft has besides its author and its body. */
export type PostOptions = Pick<Draft, "cid" | "isModerator" | "resendOnly">;

/**
 * The outcome of a draft: stored under `seq` (`dup`: by an earlier request), or refused with
 * `cid_conflict`, `unavailable` (not known to be stored), `storage_full`, or `internal` (also when the
 * room does not exist). A decision or a closing that comes too late is refused with `already_decided`,
 * `expired` or `forbidden`; an edit, a delete or a reply with `bad_field` (there is no such message),
 * `forbidden` or `bad_state` (it is deleted, or may not be changed).
 */
export type Appended =
  | {
    readonly seq: number;
    readonly time: number;
    readonly dup: boolean;
    /** The body as it is stored, where the store has completed it: a decision's, a change's. */
    readonly body?: EventBody | undefined;
    /** The seq of the event in the room `desk` that was stored with it. */
    readonly desk?: number | undefined;
  }
  | {
    readonly refused: ErrorCode;
    /** What has decided or closed the question before. */
    readonly prior?: StoredEvent | undefined;
    /** The inquiry as it is. */
    readonly found?: InquiryStatus | undefined;
  };

/** A room that a guest created and that has no message. */
export interface UnusedRoom {
  readonly id: RoomId;
  /** How often `keep` has counted it. */
  readonly uses: number;
}

/** A membership of a user, with the room and the read position. */
export interface Membership {
  readonly room: RoomRecord;
  /** What the user is there. */
  readonly standing: Standing;
  /** Up to this seq the user has read; a message of their own moves it, too. */
  readonly read: number;
  /** How many messages lie above it, and how many of them mention the user. */
  readonly unread: number;
  readonly mentions: number;
}

/** An inquiry, which has a room of its own. */
export interface InquiryRecord {
  /** Its number, from 1; the name of its room is `?` and this number. */
  readonly id: number;
  readonly room: RoomRecord;
  readonly asker: UserRecord;
  /** The operator who works on it, or who has decided it. */
  readonly assignee: UserRecord | undefined;
  /** Since when it has waited for an answer; undefined when it waits for none. */
  readonly waitingSince: number | undefined;
  /** The latest question: its seq, undefined before anything was asked, and its text. */
  readonly askedSeq: number | undefined;
  readonly askedContent: string;
  /** The seqs of the latest edit and of the delete of that question. */
  readonly askedEdited?: number | undefined;
  readonly askedDeleted?: number | undefined;
  /** How its question is to be decided; undefined when it asks for a text. */
  readonly terms: DecisionTerms | undefined;
  /** The name of its queue. */
  readonly queue: string | undefined;
  readonly state: InquiryState;
  /** When an operator saw it first; undefined: not yet. UTC milliseconds, as all times here. */
  readonly seen: number | undefined;
  /** Until when it is out of the queue; undefined: it is not. */
  readonly snoozedUntil: number | undefined;
  /** The seq of the event that has decided or closed its question. */
  readonly outcomeSeq: number | undefined;
  /** The room of its notes, and the last seq there; undefined while it has none. */
  readonly notes: NotesRecord | undefined;
}

/** The room of the notes about an inquiry. */
export interface NotesRecord {
  readonly room: RoomId;
  readonly last: number;
}

/** A question with choices that is open, and when it closes, UTC milliseconds. */
export interface ExpiringQuestion {
  readonly inquiry: number;
  readonly expires: number;
}

/** The outcome of opening an inquiry; `too_many`: as many of the asker's wait for an answer as may. */
export type Opening =
  | { readonly inquiry: InquiryRecord }
  | { readonly refused: "too_many" };
