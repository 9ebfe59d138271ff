// The shapes of the frames of operators among themselves.

import type { DeskNoteFrames } from "../frames/desk_notes.ts";
import { isCount, isText, listOf, optional, type ShapesOf } from "../shape.ts";

export const DESK_NOTE_SHAPES: ShapesOf<DeskNoteFrames> = {
  canned: {
    names: optional(listOf(isText)),
    name: optional(isText),
    inquiry: optional(isCount),
    content: optional(isText),
  },
};
