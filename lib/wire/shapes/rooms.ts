// The shapes of the frames about rooms.

import { LOGGED } from "./messages.ts";
import type { MemberSummary, RoomFrames } from "../frames/rooms.ts";
import { ROLES } from "../frames/roles.ts";
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
import type { RoomSummary } from "../summaries.ts";

const isRole = oneOf(...ROLES);

export const isRoomSummary: Check<RoomSummary> = shaped({
  room: isText,
  kind: optional(isText),
  first: isCount,
  last: isCount,
  topic: optional(isText),
  count: optional(isCount),
  joined: optional(isBoolean),
  standing: optional(isText),
  read: optional(isCount),
  unread: optional(isCount),
  mentions: optional(isCount),
});

const isMember: Check<MemberSummary> = shaped({
  user: isCount,
  name: isText,
  role: isRole,
  bot: optional(isTrue),
  here: isBoolean,
  standing: optional(isText),
});

const MEMBERSHIP: Shape<RoomFrames["joined"]> = {
  room: isText,
  user: isCount,
  from: isText,
  time: isCount,
  guest: optional(isTrue),
  bot: optional(isTrue),
};

export const ROOM_SHAPES: ShapesOf<RoomFrames> = {
  room: {
    room: isText,
    kind: optional(isText),
    standing: optional(isText),
    topic: isText,
    first: isCount,
    last: isCount,
    read: isCount,
    count: isCount,
  },
  rooms: { rooms: listOf(isRoomSummary), more: isBoolean },
  members: { room: isText, members: listOf(isMember), more: isBoolean },
  joined: MEMBERSHIP,
  topic: LOGGED,
  typing: { room: isText, user: isCount, from: isText },
  presence: { room: isText, user: isCount, from: isText, here: isBoolean },
  added: { room: isText, from: isText, time: isCount },
  left: {
    ...MEMBERSHIP,
    code: optional(oneOf("kicked", "banned")),
    by: optional(isText),
    reason: optional(isText),
  },
  count: { room: isText, count: isCount },
};
