// The shapes of the frames of the desk.

import { DESK_CHANGES } from "../event.ts";
import type { DeskFrames } from "../frames/desk.ts";
import {
  type Check,
  isBoolean,
  isCount,
  isText,
  isTrue,
  listOf,
  oneOf,
  optional,
  type Shape,
  shaped,
  type ShapesOf,
} from "../shape.ts";
import type { DeskFigures, InquirySummary } from "../summaries.ts";
import { isEvent, isInquiryState, LOGGED, TERMS } from "./messages.ts";

const isInquiry: Check<InquirySummary> = shaped({
  inquiry: isCount,
  room: isText,
  user: isCount,
  from: isText,
  guest: optional(isTrue),
  state: isInquiryState,
  assignee: optional(isText),
  queue: optional(isText),
  since: isCount,
  seen: optional(isCount),
  last: isCount,
  seq: optional(isCount),
  content: optional(isText),
  edited: optional(isCount),
  deleted: optional(isCount),
  ...TERMS,
});

const FIGURES: Shape<DeskFigures> = {
  asked: isCount,
  answered: isCount,
  decided: isCount,
  withdrawn: isCount,
  expired: isCount,
  resolved: isCount,
  waiting: isCount,
  median_ms: optional(isCount),
  p90_ms: optional(isCount),
  longest_ms: optional(isCount),
};

export const DESK_SHAPES: ShapesOf<DeskFrames> = {
  progress: {
    inquiry: isCount,
    room: isText,
    user: isCount,
    from: isText,
    guest: optional(isTrue),
    bot: optional(isTrue),
    time: isCount,
    change: oneOf(...DESK_CHANGES),
    state: isInquiryState,
    assignee: optional(isText),
  },
  desk: LOGGED,
  queue: { inquiries: listOf(isInquiry), more: isBoolean, desk: optional(isCount) },
  report: {
    since: isCount,
    until: isCount,
    ...FIGURES,
    queues: listOf(shaped({ queue: isText, ...FIGURES })),
    more: isBoolean,
  },
  decision: LOGGED,
  closed: LOGGED,
  question: {
    inquiry: isCount,
    room: isText,
    seq: optional(isCount),
    from: isText,
    content: isText,
    edited: optional(isCount),
    deleted: optional(isCount),
    state: oneOf("open", "pending", "answered", "resolved", "decided", "withdrawn", "expired"),
    event: optional(isEvent),
    ...TERMS,
  },
};
