// Notices as JSON on a bus. Any program may publish there, so every field is checked before it is used.

import type { RoomId, UserId } from "../store/records.ts";
import { FrameError } from "../wire/errors.ts";
import { type Fields, parseFields } from "../wire/json.ts";
import { ROLES } from "../wire/frames/roles.ts";
import {
  anyOf,
  type Check,
  isCount,
  isText,
  isTrue,
  listOf,
  oneOf,
  optional,
  type Shape,
  shaped,
} from "../wire/shape.ts";
import { hasRefusedCharacters } from "../wire/text.ts";
import type { Notice, PresenceEntry, ServerId } from "./bus.ts";

/** A notice, and the server that published it. */
interface BusMessage {
  readonly from: ServerId;
  readonly notice: Notice;
}

/** The length of the store's column: names that an older program stored can have any characters. */
const LONGEST_NAME = 255;
const SERVER_ID = /^[A-Za-z0-9]{8,40}$/;
/**
 * The longest message that is parsed, in UTF-16 units: twice the longest that a server sends. Parsing a
 * longer one would delay everybody on this server.
 */
const LONGEST_MESSAGE = 512 * 1024;

export function encodeBusMessage({ from, notice }: BusMessage): string {
  return JSON.stringify({ from, ...notice });
}

/** The message in `text`; undefined when it is not one. */
export function decodeBusMessage(text: string): BusMessage | undefined {
  if (text.length > LONGEST_MESSAGE) return undefined;
  const fields = parseFields(text);
  if (fields instanceof FrameError) return undefined;
  const { from, ...notice } = fields;
  return isServerId(from) && isNotice(notice) ? { from, notice } : undefined;
}

function isServerId(value: unknown): value is ServerId {
  return isText(value) && SERVER_ID.test(value);
}

function isName(value: unknown): value is string {
  return isText(value) && value !== "" && value.length <= LONGEST_NAME &&
    !hasRefusedCharacters(value);
}

function isZero(value: unknown): value is 0 {
  return value === 0;
}

// Another server gives them as the numbers that they are.
const isUserId = isCount as Check<UserId>;
const isRoomId = isCount as Check<RoomId>;

function isGrowth(value: unknown): value is readonly [room: RoomId, seq: number] {
  return Array.isArray(value) && value.length === 2 && value.every(isCount);
}

const PRESENCE: Shape<PresenceEntry> = {
  user: isUserId,
  name: isName,
  connections: isCount,
  rooms: listOf(isRoomId),
  goesOn: optional(isTrue),
};

/** A user without connections needs no name. */
const isPresence: Check<PresenceEntry> = anyOf<PresenceEntry>(
  shaped(PRESENCE),
  shaped({ ...PRESENCE, name: isText, connections: isZero }),
);

const SHAPES: {
  readonly [T in Notice["type"]]: Shape<Omit<Extract<Notice, { type: T }>, "type">>;
} = {
  grown: { rooms: listOf(isGrowth) },
  tokens: {},
  acted: {},
  accounts: {},
  membership: {
    room: isRoomId,
    change: oneOf("joined", "left"),
    user: isUserId,
    name: isName,
    role: oneOf(...ROLES),
    by: optional(isUserId),
  },
  read: { room: isRoomId, user: isUserId, seq: isCount },
  direct: { room: isRoomId },
  typing: { room: isRoomId, user: isUserId },
  people: { version: isCount, people: listOf(isPresence) },
  everyone: { version: isCount, part: isCount, parts: isCount, people: listOf(isPresence) },
  pulse: { version: isCount },
  ask: { server: optional(isServerId) },
  leaving: {},
};

const CHECKS: ReadonlyMap<unknown, Check<object>> = new Map(
  Object.entries<Shape<object>>(SHAPES).map(([type, shape]) => [type, shaped(shape)]),
);

function isNotice(fields: Fields): fields is Fields & Notice {
  const { type, part, parts } = fields;
  if (CHECKS.get(type)?.(fields) !== true) return false;
  return type !== "everyone" || Number(part) < Number(parts);
}
