// What the store finds by words. A part of repository.ts.

import type { RoomId, RoomKind, StoredEvent, UserId } from "../records.ts";

/** What a search looks for. Terms are words and phrases as typed. */
export interface SearchQuery {
  /** All of these must be in the message. */
  readonly all: readonly string[];
  /** None of these may be. */
  readonly none: readonly string[];
  /** The name under which it was sent. */
  readonly from?: string | undefined;
  readonly room?: RoomId | undefined;
  /** Only messages before this time, and from that time on: UTC milliseconds. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** Only messages that mention the reader. */
  readonly mentionsReader: boolean;
  readonly reader: Reader;
  /** Only messages below this position, which is the `next` of an earlier page. */
  readonly below?: number | undefined;
  readonly limit: number;
}

/** Who searches, and the kinds of rooms they may read: all of a kind, or those they own, or those they are members of. */
export interface Reader {
  readonly user: UserId;
  readonly name: string;
  readonly all: readonly RoomKind[];
  /** Those of others than the reader. */
  readonly others: readonly RoomKind[];
  readonly own: readonly RoomKind[];
  readonly joined: readonly RoomKind[];
}

/** A message that was found. */
export interface SearchHit extends StoredEvent {
  readonly room: RoomId;
}

/** Hits of a search, the newest first. */
export interface SearchPage {
  readonly hits: readonly SearchHit[];
  /** The position of the next page; undefined after the last one. */
  readonly next: number | undefined;
}

/** How far the index is. */
export interface IndexProgress {
  /** Whether nothing was left to add. */
  readonly isDone: boolean;
  /** How many ids of before this index are left to look at. */
  readonly left: number;
}

/** The search in all messages. */
export interface Search {
  /**
   * A page of messages that the reader may read and that match the query. At least one term has a letter or
   * a digit. It may have fewer hits than asked for although there are more.
   * @returns undefined when its terms are too common to be searched in time
   */
  find(query: SearchQuery): Promise<SearchPage | undefined>;
  /**
   * Adds the next messages to the index: without that they are found, too, but read one by one.
   * Those of before this index are not found until they are added.
   */
  index(): Promise<IndexProgress>;
}
