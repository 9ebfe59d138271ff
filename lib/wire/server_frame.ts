// Decodes the frames of a server and checks every field against the types, so that a client can rely on
// them even with a hostile or broken server. Knows no conversation.

import { BYE_CODES, ERROR_CODES, FrameError } from "./errors.ts";
import { isRequestId } from "./fields.ts";
import {
  type MemberSummary,
  ROLES,
  type ServerFrame,
  type ServerFrames,
  type ServerFrameType,
  type You,
} from "./frame.ts";
import type { InquirySummary, Resumed, RoomSummary } from "./summaries.ts";
import type { EventFields, EventKind, RoomEvent } from "./event.ts";
import { type Fields, isFields, parseFields } from "./json.ts";
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
  type Shape,
  shaped,
  wrongFieldFinder,
} from "./shape.ts";

const isRole = oneOf(...ROLES);
const isErrorCode = oneOf(...ERROR_CODES);
const isByeCode = oneOf(...BYE_CODES);

const isYou: Check<You> = shaped({ user: isCount, name: isText, role: isRole });

const isRoomSummary: Check<RoomSummary> = shaped({
  room: isText,
  first: isCount,
  last: isCount,
  topic: optional(isText),
  count: optional(isCount),
  joined: optional(isBoolean),
  read: optional(isCount),
  unread: optional(isCount),
  mentions: optional(isCount),
});

const isMember: Check<MemberSummary> = shaped({
  user: isCount,
  name: isText,
  role: isRole,
  here: isBoolean,
});

const EVENT_FIELDS: Shape<EventFields> = { content: isText, to: optional(isCount) };

const LOGGED: Shape<ServerFrames["message"]> = {
  ...EVENT_FIELDS,
  room: isText,
  seq: isCount,
  user: isCount,
  from: isText,
  guest: optional(isTrue),
  time: isCount,
  cut: optional(isTrue),
};

const EVENT_TYPES = ["message", "response"] as const satisfies readonly EventKind[];

const isEvent: Check<RoomEvent> = shaped({ type: oneOf(...EVENT_TYPES), ...LOGGED });

const isInquiry: Check<InquirySummary> = shaped({
  inquiry: isCount,
  room: isText,
  user: isCount,
  from: isText,
  guest: optional(isTrue),
  state: oneOf("open", "claimed"),
  assignee: optional(isText),
  since: isCount,
  last: isCount,
  seq: optional(isCount),
  content: isText,
});

const MEMBERSHIP: Shape<ServerFrames["joined"] & ServerFrames["left"]> = {
  room: isText,
  user: isCount,
  from: isText,
  time: isCount,
  guest: optional(isTrue),
};

const isResumed: Check<Resumed> = anyOf<Resumed>(
  shaped({ room: isText, recovered: oneOf(true), missed: isCount, last: isCount }),
  shaped({
    room: isText,
    recovered: oneOf(false),
    missed: isCount,
    last: isCount,
    reason: oneOf("too_many", "retention", "epoch"),
  }),
  shaped({ room: isText, error: isErrorCode }),
);

const SHAPES: { readonly [T in ServerFrameType]: Shape<ServerFrames[T]> } = {
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
    room: optional(isText),
    seq: optional(isCount),
    time: optional(isCount),
    dup: optional(isTrue),
    inquiry: optional(isCount),
    position: optional(isCount),
    expected_ms: optional(isCount),
    asker_gone: optional(isTrue),
  },
  error: {
    code: isErrorCode,
    message: isText,
    field: optional(isText),
    retry: optional(isBoolean),
    after_ms: optional(isCount),
    fault: optional(isText),
    suggestion: optional(isText),
  },
  bye: {
    code: isByeCode,
    message: isText,
    reconnect: isBoolean,
    after_ms: optional(isCount),
  },
  ping: {},
  pong: { time: isCount },
  room: {
    room: isText,
    topic: isText,
    first: isCount,
    last: isCount,
    read: isCount,
    count: isCount,
  },
  rooms: { rooms: listOf(isRoomSummary), more: isBoolean },
  members: { room: isText, members: listOf(isMember), more: isBoolean },
  joined: MEMBERSHIP,
  left: MEMBERSHIP,
  count: { room: isText, count: isCount },
  message: LOGGED,
  response: LOGGED,
  inquiry: { inquiry: isCount, ...LOGGED },
  queue: { inquiries: listOf(isInquiry), more: isBoolean },
  page: {
    room: isText,
    events: listOf(isEvent),
    more_before: isBoolean,
    more_after: isBoolean,
  },
  resumed: { rooms: listOf(isResumed) },
  stats: { counters: isNumbers },
};

const FINDERS: ReadonlyMap<string, (value: Fields) => string | undefined> = new Map(
  Object.entries<Shape<object>>(SHAPES).map(([type, shape]) => [type, wrongFieldFinder(shape)]),
);

/**
 * One line of a server as a frame; undefined for a type that this version does not know. The frame is
 * the object as it came, fields that are not known included, with what a newer server may say made
 * into what is known: an unknown error code is `internal`, an unknown code of `bye` is `shutdown`, and
 * events of unknown types are left out of a page.
 * @throws {FrameError} bad_json or bad_frame when it is no frame, or not what the types promise.
 */
export function decodeServerFrame(line: string): ServerFrame | undefined {
  const parsed = parseFields(line);
  if (parsed instanceof FrameError) throw parsed;
  const body = tolerate(parsed);
  const { type, re } = body;
  if (typeof type !== "string") {
    throw new FrameError("bad_frame", 'A frame has a "type" that is a string');
  }
  const findWrongField = FINDERS.get(type);
  if (findWrongField === undefined) return undefined;
  const wrong = re === undefined || isRequestId(re) ? findWrongField(body) : "re";
  if (wrong !== undefined) {
    throw new FrameError("bad_frame", `The server's "${type}" is not right in its "${wrong}"`);
  }
  return body as unknown as ServerFrame;
}

function tolerate(body: Fields): Fields {
  const { type, code, events, rooms } = body;
  switch (type) {
    case "error":
      return isText(code) && !isErrorCode(code) ? { ...body, code: "internal" } : body;
    case "bye":
      return isText(code) && !isByeCode(code) ? { ...body, code: "shutdown" } : body;
    case "page":
      if (!Array.isArray(events) || !events.some(isUnknownEvent)) return body;
      return { ...body, events: events.filter((event) => !isUnknownEvent(event)) };
    case "resumed":
      if (!Array.isArray(rooms) || !rooms.some(hasUnknownError)) return body;
      return {
        ...body,
        rooms: rooms.map((room) => hasUnknownError(room) ? { ...room, error: "internal" } : room),
      };
    default:
      return body;
  }
}

function hasUnknownError(room: unknown): boolean {
  return isFields(room) && isText(room.error) && !isErrorCode(room.error);
}

function isUnknownEvent(event: unknown): boolean {
  return isFields(event) && isText(event.type) &&
    !(EVENT_TYPES as readonly string[]).includes(event.type);
}
