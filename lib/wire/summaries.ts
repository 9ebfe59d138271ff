// The items of lists in frames: a room, an inquiry, the result for a cursor of a resume.

import type { RoomEvent } from "./event.ts";
import type { ErrorCode } from "./errors.ts";
import type { DecisionTerms, InquiryState } from "./event.ts";

/** A membership or a listed room. The four counters of reading are there for members only. */
export interface RoomSummary {
  readonly room: string;
  /** The kind of the room: `public`, `private`, `direct`, `inquiry`, `desk`. */
  readonly kind?: string;
  readonly first: number;
  readonly last: number;
  readonly topic?: string;
  /** How many members it has. */
  readonly count?: number;
  readonly joined?: boolean;
  /** What the user is there, if more or less than a member. */
  readonly standing?: string;
  readonly read?: number;
  /** Messages above `read`; own messages move `read`, so these are from others. */
  readonly unread?: number;
  /** Those of them that mention the user. */
  readonly mentions?: number;
}

/** An inquiry that waits for an answer or a decision. */
export interface InquirySummary extends Partial<DecisionTerms> {
  readonly inquiry: number;
  readonly room: string;
  readonly user: number;
  readonly from: string;
  readonly guest?: true;
  /** `open`, `claimed`, or `pending`: an operator has chosen, and others must, too. */
  readonly state: InquiryState;
  /** The operator who works on it. */
  readonly assignee?: string;
  /** The name of its queue; missing without one. */
  readonly queue?: string;
  /** Since when it has waited, UTC milliseconds. */
  readonly since: number;
  /** When an operator saw it first; missing: not yet. An older server does not send it. */
  readonly seen?: number | undefined;
  /** The room's highest seq. */
  readonly last: number;
  /** The beginning of the latest question, unless its text was deleted, and its seq. */
  readonly content?: string;
  /** An older server does not send it. */
  readonly seq?: number;
  /** The seqs of the latest edit and of the delete of the question. */
  readonly edited?: number;
  readonly deleted?: number;
}

/** The result for one cursor of a `resume`. */
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

/** What has become of some inquiries. */
export interface DeskFigures {
  /** The sum of the six below. */
  readonly asked: number;
  readonly answered: number;
  readonly decided: number;
  readonly withdrawn: number;
  readonly expired: number;
  /** Closed by an operator without an answer. */
  readonly resolved: number;
  readonly waiting: number;
  /**
   * How long they wait for the first answer of a person, those without an answer included: half of them, and
   * nine of ten. Missing: longer than `longest_ms`.
   */
  readonly median_ms?: number | undefined;
  readonly p90_ms?: number | undefined;
  /** The longest wait up to an answer, the end of the inquiry, or the end of the period. */
  readonly longest_ms?: number | undefined;
}

/** What has become of the inquiries that were asked between `since` and `until`. */
export interface DeskReport extends DeskFigures {
  readonly since: number;
  readonly until: number;
  /** Those of each queue that was named, the largest first. */
  readonly queues: readonly (DeskFigures & { readonly queue: string })[];
  /** More were asked in the period than are counted: `since` is when the first of these was asked. */
  readonly more: boolean;
}

/** Why an event concerns a user: it names them, replies to them, is in a direct conversation, or answers or decides their question. */
export const INBOX_REASONS = ["mention", "reply", "direct", "answer", "decision"] as const;
export type InboxReason = typeof INBOX_REASONS[number];

/** An unread event that concerns a user. */
export interface InboxSummary {
  readonly reason: InboxReason;
  /** Who has read the room up to this seq has read it. */
  readonly read: number;
  readonly event: RoomEvent;
}

/** A bookmarked message. */
export interface BookmarkSummary {
  /** When it was bookmarked, UTC milliseconds. */
  readonly added: number;
  readonly event: RoomEvent;
}
