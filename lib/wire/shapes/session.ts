// The shapes of the frames of a session.

import { BYE_CODES, ERROR_CODES } from "../errors.ts";
import type { SessionFrames, You } from "../frames/session.ts";
import { ROLES } from "../frames/roles.ts";
import {
  anyOf,
  type Check,
  isBoolean,
  isCount,
  isNull,
  isNumbers,
  isText,
  isTrue,
  listOf,
  oneOf,
  optional,
  shaped,
  type ShapesOf,
} from "../shape.ts";
import { isEvent, isInquiryState } from "./messages.ts";
import { isRoomSummary } from "./rooms.ts";

const isRole = oneOf(...ROLES);
export const isErrorCode = oneOf(...ERROR_CODES);
export const isByeCode = oneOf(...BYE_CODES);

const isYou: Check<You> = shaped({ user: isCount, name: isText, role: isRole });

export const SESSION_SHAPES: ShapesOf<SessionFrames> = {
  welcome: {
    version: isCount,
    server: isText,
    epoch: isText,
    time: isCount,
    you: anyOf<You | null>(isYou, isNull),
    token: optional(isText),
    nonce: optional(isText),
    methods: optional(listOf(isText)),
    features: listOf(isText),
    limits: isNumbers,
    rooms: listOf(isRoomSummary),
    more_rooms: optional(isTrue),
  },
  ok: {
    user: optional(isCount),
    name: optional(isText),
    role: optional(isRole),
    room: optional(isText),
    seq: optional(isCount),
    time: optional(isCount),
    dup: optional(isTrue),
    inquiry: optional(isCount),
    position: optional(isCount),
    expected_ms: optional(isCount),
    ban: optional(isCount),
    asker_gone: optional(isTrue),
    expires: optional(isCount),
    operators: optional(isCount),
    of: optional(isCount),
    state: optional(isInquiryState),
    assignee: optional(isText),
  },
  error: {
    code: isErrorCode,
    message: isText,
    field: optional(isText),
    retry: optional(isBoolean),
    after_ms: optional(isCount),
    fault: optional(isText),
    suggestion: optional(isText),
    event: optional(isEvent),
    until: optional(isCount),
    state: optional(isInquiryState),
    assignee: optional(anyOf<string | null>(isText, isNull)),
  },
  bye: {
    code: isByeCode,
    message: isText,
    reconnect: isBoolean,
    after_ms: optional(isCount),
  },
  ping: {},
  pong: { time: isCount },
  stats: { counters: isNumbers },
};
