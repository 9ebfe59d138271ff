// The store's part for events that concern a user, and for bookmarks. A part of repository.ts.

import type { InboxReason } from "../../wire/summaries.ts";
import type { RoomId, StoredEvent, UserId } from "../records.ts";

/** A room of a user in which something that concerns the user may be unread. */
export interface InboxRoom {
  readonly id: RoomId;
  /** Why its events concern the user; those of another room do where they name the user. */
  readonly concerns: "all of a conversation" | "answers" | "mentions";
  /** Up to this seq the user has read. */
  readonly read: number;
  /** The highest seq of the room. */
  readonly last: number;
}

/** An unread event that concerns a user. */
export interface InboxEntry {
  /** The seq that made it unread: of an event, or of the edit by which it named the user. */
  readonly at: number;
  readonly reason: InboxReason;
  readonly event: StoredEvent;
}

/** What was found in a part of a room. */
export interface InboxStep {
  readonly entries: readonly InboxEntry[];
  /** Up to this seq there are no others. */
  readonly reached: number;
}

/** A bookmark and the event it is of. */
export interface Bookmark {
  readonly id: number;
  readonly room: RoomId;
  /** When it was made, UTC milliseconds. */
  readonly added: number;
  readonly event: StoredEvent;
}

export interface Inbox {
  /** The rooms to look into, by id from `from` on: of all of the user's with a name, and the newest inquiries. */
  rooms(
    user: UserId,
    options: { from: number; limit: number },
  ): Promise<readonly InboxRoom[]>;
  /**
   * The next unread events of a room that concern the user, by seq above `after`; not those of ignored users.
   * It looks at a bounded number of events: it may find none although there are more above `reached`.
   */
  entries(
    user: UserId,
    options: { room: InboxRoom; after: number; limit: number },
  ): Promise<InboxStep>;
}

/** Whether a bookmark is there now; `gone`: the message is deleted, or there is none. */
export type BookmarkAdded = "added" | "too many" | "gone";

export interface Bookmarks {
  /** @param bookmark.most how many the user may have */
  add(
    bookmark: { user: UserId; room: RoomId; seq: number; now: number; most: number },
  ): Promise<BookmarkAdded>;
  remove(bookmark: { user: UserId; room: RoomId; seq: number }): Promise<void>;
  /** The latest first, with an id below `below`; not of messages that are deleted. */
  list(
    user: UserId,
    options: { below: number | undefined; limit: number },
  ): Promise<readonly Bookmark[]>;
}
