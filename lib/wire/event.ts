// An event of a room's log: what a user wrote, and where it stands in the log (protocol §5).

/**
 * What an event of a room's log is. In an inquiry's room: a `response` is an operator's answer, a
 * `decision` is an operator's choice, and `closed` ends a question that has no decision. A `topic` sets
 * what the room is about. An `edit` and a `delete` change a message or a response. A `desk` event says in
 * the room `desk` what has happened to an inquiry. A `draft` is an answer that is not sent, in the notes
 * about an inquiry.
 */
export type EventKind =
  | "message"
  | "response"
  | "decision"
  | "closed"
  | "topic"
  | "edit"
  | "delete"
  | "desk"
  | "draft";

/** What a question with choices asks for: the operators decide by one of its choices. */
export interface DecisionTerms {
  /** 2 to 8 words. */
  readonly choices: readonly string[];
  /** When the question closes without a decision, UTC milliseconds; never when missing. */
  readonly expires?: number;
  /** How many different operators must make the same choice; 1 when missing. */
  readonly needs?: number;
}

/**
 * What has become of an inquiry. `claimed`: an operator works on it. `pending`: an operator has chosen, and
 * others must make the same choice, too. `decided`, `withdrawn` and `expired` are final; a `resolved` one can
 * be reopened.
 */
export const INQUIRY_STATES = [
  "open",
  "claimed",
  "pending",
  "resolved",
  "decided",
  "withdrawn",
  "expired",
] as const;
export type InquiryState = typeof INQUIRY_STATES[number];

/** What can happen to an inquiry, as the room `desk` has it. */
export const DESK_CHANGES = [
  "opened",
  "asked",
  "seen",
  "claimed",
  "released",
  "assigned",
  "answered",
  "decided",
  "snoozed",
  "resolved",
  "reopened",
  "withdrawn",
  "expired",
  "unseen",
  "unanswered",
] as const;
export type DeskChange = typeof DESK_CHANGES[number];

/** What a `desk` event has besides. */
export interface DeskFields {
  /** The number of the inquiry. */
  readonly inquiry?: number;
  readonly change?: DeskChange;
  /** Who works on it after this event. */
  readonly assignee?: string;
  /** Of `snoozed`: when it comes back by itself, UTC milliseconds. */
  readonly until?: number;
}

/**
 * What a user wrote: one type from the request to the store and on to every reader. A further field
 * of a message belongs here, and in the two lists of store/event_columns.ts.
 */
export interface EventBody extends Partial<DecisionTerms>, DeskFields {
  readonly kind: EventKind;
  /** Empty where a text was deleted, and of an edit that is not the latest one of its message. */
  readonly content: string;
  /**
  /**
   * Of a response: the seq of the question; missing where an older server stored the answer. Of a
   * message: the seq of what it replies to. Of `assigned`: the number of the operator. Of `answered`: the
   * seq of the answer.
   */
  readonly to?: number;
  /**
   * Of a decision, of what closes a question and of a `desk` event: the seq of the question. Of an edit and
   * a delete: the seq of the message. Of a draft: that of the question.
   */
  readonly of?: number;
  /** Of a message or a response: the seq of the latest edit, and of the delete. */
  readonly edited?: number;
  readonly deleted?: number;
  /** Of a response: the seq of the draft that was sent, in the notes. */
  readonly draft?: number;
  /** Of a decision: one of the question's choices. */
  readonly choice?: string;
  /** Of a decision, of what closes a question, and of a `desk` event: the state of the inquiry after it. */
  readonly state?: InquiryState;
  /** Of a topic: what the room is about; its `content` is empty. */
  readonly topic?: string;
}

/** A body in a frame, where the frame's `type` is the kind. */
export interface EventFields extends Omit<EventBody, "kind" | "content"> {
  /** Missing where a text was deleted, and of an edit that is not the latest one of its message. */
  readonly content?: string;
}

/** An event of a room's log without its type: the same fields live, in a page and in a replay. */
export interface LoggedEvent extends EventFields {
  readonly room: string;
  readonly seq: number;
  readonly user: number;
  readonly from: string;
  readonly guest?: true;
  /** Written by a program. */
  readonly bot?: true;
  readonly time: number;
  /** `content` is the beginning of a text from an older program, too long for a frame. */
  readonly cut?: true;
}

/** An event of a room's log: every event that has a `seq`. */
export type RoomEvent = {
  [T in EventKind]: LoggedEvent & { readonly type: T };
}[EventKind];
