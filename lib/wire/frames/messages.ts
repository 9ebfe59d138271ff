// The frames about messages: sending, reading, and missing none (protocol §5 and §6).

import type { LoggedEvent, RoomEvent } from "../event.ts";
import type { Resumed } from "../summaries.ts";

/** The position of a history page: at most one of the four; none is the newest page (protocol §6). */
export interface PagePosition {
  /** Events below this seq, the nearest ones. */
  readonly before?: number;
  /** Events above this seq, the nearest ones. */
  readonly after?: number;
  /** Events on both sides of this seq. */
  readonly around?: number;
  /** Events from the first one at or after this time, UTC milliseconds. */
  readonly at?: number;
}

/** A client's cursor: it has all events of the room up to and including `seq`. */
export interface Cursor {
  readonly room: string;
  readonly seq: number;
}

/** What a client sends about messages. */
export interface MessageRequests {
  /** Sends a message to a room; with a `cid` it can be sent again and is stored once. */
  message: {
    readonly room: string;
    readonly content: string;
    readonly cid?: string;
    /** The seq of the message or response of the room that this one replies to. */
    readonly to?: number;
  };
  /** Gives a message or response of one's own another text. */
  edit: {
    readonly room: string;
    readonly seq: number;
    readonly content: string;
    readonly cid?: string;
  };
  /** Deletes the text of a message or response: its author, and moderators of the room. */
  delete: { readonly room: string; readonly seq: number };
  /** Asks for a page of a room's events. */
  history: { readonly room: string; readonly limit?: number } & PagePosition;
  /** Marks the room as read up to `seq`; the mark never moves back. */
  read: { readonly room: string; readonly seq: number };
  /** Finds messages by words in all rooms that the user may read; `from` is the `next` of a page. */
  search: { readonly query: string; readonly limit?: number; readonly from?: string };
  /** Subscribes to rooms again, from the client's cursors on. */
  resume: { readonly epoch?: string; readonly rooms: readonly Cursor[] };
}

/** What a server sends about messages. */
export interface MessageFrames {
  /** Another connection of the user has read the room up to `seq`. */
  read: Cursor;
  message: LoggedEvent;
  response: LoggedEvent;
  /** The message `of` has another text; without `content` it is not the latest edit any more. */
  edit: LoggedEvent;
  /** The message `of` has no text any more. */
  delete: LoggedEvent;
  page: {
    readonly room: string;
    readonly events: readonly RoomEvent[];
    readonly more_before: boolean;
    readonly more_after: boolean;
  };
  /** Messages that were found, the newest first; `more` with the `next` to go on from. */
  found: {
    readonly events: readonly RoomEvent[];
    readonly more: boolean;
    readonly next?: string;
  };
  resumed: { readonly rooms: readonly Resumed[] };
}
