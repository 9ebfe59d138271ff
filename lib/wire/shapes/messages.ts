// The shapes of the frames about messages.

import { ERROR_CODES } from "../errors.ts";
import type { EventFields, EventKind, LoggedEvent, RoomEvent } from "../event.ts";
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

const EVENT_FIELDS: Shape<EventFields> = { content: isText, to: optional(isCount) };

export const LOGGED: Shape<LoggedEvent> = {
  ...EVENT_FIELDS,
  room: isText,
  seq: isCount,
  user: isCount,
  from: isText,
  guest: optional(isTrue),
  time: isCount,
  cut: optional(isTrue),
};

/** The events that this version knows. */
export const EVENT_TYPES = ["message", "response"] as const satisfies readonly EventKind[];

const isEvent: Check<RoomEvent> = shaped({ type: oneOf(...EVENT_TYPES), ...LOGGED });

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
  page: {
    room: isText,
    events: listOf(isEvent),
    more_before: isBoolean,
    more_after: isBoolean,
  },
  resumed: { rooms: listOf(isResumed) },
};
