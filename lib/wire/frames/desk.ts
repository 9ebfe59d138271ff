// The frames of the inquiry desk (protocol §10).

import type { DecisionTerms, DeskChange, InquiryState, LoggedEvent, RoomEvent } from "../event.ts";
import type { DeskReport, InquirySummary } from "../summaries.ts";

/** The state of an inquiry for its asker: of one with choices it says whether there is a decision. */
export type QuestionState =
  | "open"
  | "pending"
  | "answered"
  | "resolved"
  | "decided"
  | "withdrawn"
  | "expired";

/** A change of an inquiry: refused unless it is as expected. */
interface Work {
  readonly inquiry: number;
  readonly expect?: Expected;
}

/** What the sender believes of an inquiry; `null`: nobody works on it. */
export interface Expected {
  readonly state?: InquiryState;
  readonly assignee?: string | null;
}

/** What a client sends to the desk. */
export interface DeskRequests {
  /** Asks the desk a question, which opens a new inquiry; with choices, for a decision. */
  inquiry: {
    readonly content: string;
    readonly cid?: string;
    readonly choices?: readonly string[];
    /** After so many milliseconds a question with choices closes without a decision. */
    readonly expires_ms?: number;
    readonly needs?: number;
    /** The name of the queue in which it waits; none when missing. */
    readonly queue?: string;
  };
  /** Lists the inquiries that wait for an answer, the longest waiting first (operator). */
  queue: {
    /** Those of one queue; all when missing. */
    readonly queue?: string;
    readonly limit?: number;
  };
  /** What has become of the inquiries of the last `period_ms` (operator). */
  report: { readonly period_ms?: number };
  /** Answers a question of an inquiry, the latest unless `to` names another (operator). */
  respond: {
    readonly inquiry: number;
    /** That of the draft when missing. */
    readonly content?: string;
    readonly cid?: string;
    readonly to?: number;
    /** The seq of the draft that is sent, in the notes. */
    readonly draft?: number;
    /** Whether it is sent although another operator has just answered, or the asker has written since. */
    readonly anyway?: boolean;
  };
  /** Decides a question by one of its choices (an operator who is not its asker). */
  decide: {
    readonly inquiry: number;
    readonly choice: string;
    /** Why. */
    readonly content?: string;
    readonly cid?: string;
  };
  /** Closes a question with choices that has no decision (its asker). */
  withdraw: { readonly inquiry: number };
  /** Takes an inquiry: the operator works on it (operator, as all that follow). */
  claim: Work;
  /** Gives it back. */
  release: Work;
  /** Gives it to another operator, by name. */
  assign: Work & { readonly user: string };
  /** Takes it out of the queue for so many milliseconds. */
  snooze: Work & { readonly for_ms: number };
  /** Closes an inquiry that asks for a text. */
  resolve: Work;
  /** Opens a resolved one again, or ends a snooze. */
  reopen: Work;
  /** The operator was shown it. */
  seen: { readonly inquiry: number };
  /** Asks for an inquiry and what has become of it, by its number or by the asker's own `cid`. */
  question: { readonly inquiry?: number; readonly cid?: string };
}

/** What a server sends about inquiries. */
export interface DeskFrames {
  /** What has happened to an inquiry, for the readers of its room; it passes, and has no seq. */
  progress: Pick<LoggedEvent, "room" | "user" | "from" | "guest" | "bot" | "time" | "assignee"> & {
    readonly inquiry: number;
    readonly change: DeskChange;
    readonly state: InquiryState;
  };
  /** What has happened to an inquiry, an event of the room `desk`. */
  desk: LoggedEvent;
  queue: {
    readonly inquiries: readonly InquirySummary[];
    readonly more: boolean;
    /** What the room `desk` has up to this seq is in the list; an older server does not send it. */
    readonly desk?: number;
  };
  report: DeskReport;
  /** An operator's choice. */
  decision: LoggedEvent;
  /** A question with choices is closed without a decision. */
  closed: LoggedEvent;
  /** An inquiry, its question, and what has become of it. */
  question: Partial<DecisionTerms> & {
    readonly inquiry: number;
    readonly room: string;
    /** Of the question; missing while it is not stored. */
    readonly seq?: number;
    readonly from: string;
    /** Empty when the question was deleted. */
    readonly content: string;
    /** Of the question: the seq of its latest edit, and of its delete. */
    readonly edited?: number;
    readonly deleted?: number;
    readonly state: QuestionState;
    /** The event that ended a question with choices. */
    readonly event?: RoomEvent;
  };
}
