// An event of a room's log: what a user wrote, and where it stands in the log (protocol §5).

/** What an event of a room's log is: a `response` is an operator's answer in an inquiry's room. */
export type EventKind = "message" | "response";

/**
 * What a user wrote: one type from the request to the store and on to every reader. A further field
 * of a message belongs here, and in the two lists of store/event_columns.ts.
 */
export interface EventBody {
  readonly kind: EventKind;
  readonly content: string;
  /** Of a response: the seq of the question; missing where an older server stored the answer. */
  readonly to?: number;
}

/** A body in a frame, where the frame's `type` is the kind. */
export type EventFields = Omit<EventBody, "kind">;

/** An event of a room's log without its type: the same fields live, in a page and in a replay. */
export interface LoggedEvent extends EventFields {
  readonly room: string;
  readonly seq: number;
  readonly user: number;
  readonly from: string;
  readonly guest?: true;
  readonly time: number;
  /** `content` is the beginning of a text from an older program, too long for a frame. */
  readonly cut?: true;
}

/** An event of a room's log: every event that has a `seq`. */
export interface RoomEvent extends LoggedEvent {
  readonly type: EventKind;
}
