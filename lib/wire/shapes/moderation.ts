// The shapes of the frames of moderation.

import {
  ACTS,
  type BanSummary,
  type LoggedAct,
  type ModerationFrames,
  STANDINGS,
} from "../frames/moderation.ts";
import {
  type Check,
  isBoolean,
  isCount,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
  type ShapesOf,
} from "../shape.ts";

const isBan: Check<BanSummary> = shaped({
  ban: isCount,
  user: optional(isCount),
  name: optional(isText),
  network: optional(isText),
  by: isText,
  reason: optional(isText),
  time: isCount,
  until: optional(isCount),
});

const isAct: Check<LoggedAct> = shaped({
  entry: isCount,
  act: oneOf(...ACTS),
  time: isCount,
  user: isCount,
  from: isText,
  room: optional(isText),
  target: optional(isCount),
  name: optional(isText),
  network: optional(isText),
  detail: optional(isText),
  until: optional(isCount),
  reason: optional(isText),
});

const isIgnored: Check<{ user: number; name: string }> = shaped({ user: isCount, name: isText });

export const MODERATION_SHAPES: ShapesOf<ModerationFrames> = {
  standing: {
    room: isText,
    user: isCount,
    from: isText,
    standing: oneOf(...STANDINGS),
    by: isText,
    time: isCount,
    until: optional(isCount),
    reason: optional(isText),
  },
  bans: { room: optional(isText), bans: listOf(isBan), more: isBoolean },
  moderation: { room: optional(isText), entries: listOf(isAct), more: isBoolean },
  ignores: { users: listOf(isIgnored) },
};
