// The shapes of the frames about messages.

import { ERROR_CODES } from "../errors.ts";
import {
  type DecisionTerms,
  DESK_CHANGES,
  type EventFields,
  type EventKind,
  INQUIRY_STATES,
  type InquiryState,
  type LoggedEvent,
  type RoomEvent,
} from "../event.ts";
import type { MessageFrames } from "../frames/messages.ts";
import {
  anyOf,
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
import type { Resumed } from "../summaries.ts";

/** What a question with choices asks for. */
export const TERMS: Shape<Partial<DecisionTerms>> = {
  choices: optional(listOf(isText)),
  expires: optional(isCount),
  needs: optional(isCount),
};

export const isInquiryState: Check<InquiryState> = oneOf(...INQUIRY_STATES);

const EVENT_FIELDS: Shape<EventFields> = {
  content: optional(isText),
  to: optional(isCount),
  of: optional(isCount),
  edited: optional(isCount),
  deleted: optional(isCount),
  draft: optional(isCount),
  choice: optional(isText),
  state: optional(isInquiryState),
  topic: optional(isText),
  inquiry: optional(isCount),
  change: optional(oneOf(...DESK_CHANGES)),
  assignee: optional(isText),
  until: optional(isCount),
  ...TERMS,
};

export const LOGGED: Shape<LoggedEvent> = {
  ...EVENT_FIELDS,
  room: isText,
  seq: isCount,
  user: isCount,
  from: isText,
  guest: optional(isTrue),
  bot: optional(isTrue),
  time: isCount,
  cut: optional(isTrue),
};

/** The events that this version knows. */
export const EVENT_TYPES = [
  "message",
  "response",
  "decision",
  "closed",
  "topic",
  "edit",
  "delete",
  "desk",
  "draft",
] as const satisfies readonly EventKind[];

export const isEvent: Check<RoomEvent> = shaped({ type: oneOf(...EVENT_TYPES), ...LOGGED });

const isResumed: Check<Resumed> = anyOf<Resumed>(
  shaped({ room: isText, recovered: oneOf(true), missed: isCount, last: isCount }),
  shaped({
    room: isText,
    recovered: oneOf(false),
    missed: isCount,
    last: isCount,
    reason: oneOf("too_many", "retention", "epoch"),
  }),
  shaped({ room: isText, error: oneOf(...ERROR_CODES) }),
);

export const MESSAGE_SHAPES: ShapesOf<MessageFrames> = {
  message: LOGGED,
  response: LOGGED,
  edit: LOGGED,
  delete: LOGGED,
  read: { room: isText, seq: isCount },
  page: {
    room: isText,
    events: listOf(isEvent),
    more_before: isBoolean,
    more_after: isBoolean,
  },
  found: { events: listOf(isEvent), more: isBoolean, next: optional(isText) },
  resumed: { rooms: listOf(isResumed) },
};
