// The shapes of the frames of notes, drafts and ready texts.

import type { DeskNoteFrames } from "../frames/desk_notes.ts";
import { isCount, isText, isTrue, listOf, oneOf, optional, type ShapesOf } from "../shape.ts";
import { LOGGED } from "./messages.ts";

export const DESK_NOTE_SHAPES: ShapesOf<DeskNoteFrames> = {
  bot_loop: {
    room: optional(isText),
    user: isCount,
    from: isText,
    bot: optional(isTrue),
    guest: optional(isTrue),
    time: isCount,
  },
  draft: LOGGED,
  note: { ...LOGGED, inquiry: isCount, kind: oneOf("message", "draft") },
  canned: {
    names: optional(listOf(isText)),
    name: optional(isText),
    inquiry: optional(isCount),
    content: optional(isText),
  },
};
