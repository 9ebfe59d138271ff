// The frames about what concerns a user, over all rooms (protocol §6.7).

import type { BookmarkSummary, InboxSummary } from "../summaries.ts";

export interface InboxRequests {
  /** Asks for a page of unread events that concern the user; `from` is the `next` of a page. */
  inbox: { readonly limit?: number; readonly from?: string };
  /** Bookmarks a message, or takes the bookmark back. */
  later: { readonly room: string; readonly seq: number; readonly on: boolean };
  /** Asks for a page of bookmarks, the latest first. */
  laters: { readonly limit?: number; readonly from?: string };
}

export interface InboxFrames {
  inbox: {
    readonly entries: readonly InboxSummary[];
    readonly more: boolean;
    readonly next?: string;
  };
  laters: {
    readonly entries: readonly BookmarkSummary[];
    readonly more: boolean;
    readonly next?: string;
  };
}
