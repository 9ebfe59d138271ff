// The shapes of the frames about what concerns a user.

import type { InboxFrames } from "../frames/inbox.ts";
import {
  isBoolean,
  isCount,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
  type ShapesOf,
} from "../shape.ts";
import { type BookmarkSummary, INBOX_REASONS, type InboxSummary } from "../summaries.ts";
import { isEvent } from "./messages.ts";

const isEntry = shaped<InboxSummary>({
  reason: oneOf(...INBOX_REASONS),
  read: isCount,
  event: isEvent,
});
const isBookmark = shaped<BookmarkSummary>({ added: isCount, event: isEvent });

export const INBOX_SHAPES: ShapesOf<InboxFrames> = {
  inbox: { entries: listOf(isEntry), more: isBoolean, next: optional(isText) },
  laters: { entries: listOf(isBookmark), more: isBoolean, next: optional(isText) },
};
