// Decodes the frames of a server and checks every field against its type, so that a client can rely on them
// even when the server is hostile or broken. Knows no conversation.

import { FrameError } from "./errors.ts";
import { isRequestId } from "./fields.ts";
import type { ServerFrame, ServerFrames } from "./frame.ts";
import { INBOX_REASONS } from "./summaries.ts";
import { type Fields, isFields, parseFields } from "./json.ts";
import { isText, type Shape, type ShapesOf, wrongFieldFinder } from "./shape.ts";
import { CREDENTIAL_SHAPES } from "./shapes/credentials.ts";
import { DESK_SHAPES } from "./shapes/desk.ts";
import { DESK_NOTE_SHAPES } from "./shapes/desk_notes.ts";
import { INBOX_SHAPES } from "./shapes/inbox.ts";
import { PEOPLE_SHAPES } from "./shapes/people.ts";
import { EVENT_TYPES, MESSAGE_SHAPES } from "./shapes/messages.ts";
import { MODERATION_SHAPES } from "./shapes/moderation.ts";
import { ROOM_SHAPES } from "./shapes/rooms.ts";
import { isByeCode, isErrorCode, SESSION_SHAPES } from "./shapes/session.ts";

const SHAPES: ShapesOf<ServerFrames> = {
  ...SESSION_SHAPES,
  ...CREDENTIAL_SHAPES,
  ...PEOPLE_SHAPES,
  ...ROOM_SHAPES,
  ...MESSAGE_SHAPES,
  ...INBOX_SHAPES,
  ...DESK_SHAPES,
  ...DESK_NOTE_SHAPES,
  ...MODERATION_SHAPES,
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
  const { type, code, events, entries, rooms } = body;
  switch (type) {
    case "error":
      return isText(code) && !isErrorCode(code) ? { ...body, code: "internal" } : body;
    case "bye":
      return isText(code) && !isByeCode(code) ? { ...body, code: "shutdown" } : body;
    case "page":
    case "found":
      if (!Array.isArray(events) || !events.some(isUnknownEvent)) return body;
      return { ...body, events: events.filter((event) => !isUnknownEvent(event)) };
    case "inbox":
    case "laters":
      if (!Array.isArray(entries) || entries.every(isKnownEntry)) return body;
      return { ...body, entries: entries.filter(isKnownEntry) };
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

/** Of a kind of event, and of a reason, that this version knows. */
function isKnownEntry(entry: unknown): boolean {
  if (!isFields(entry)) return true;
  const { event, reason } = entry;
  return !isUnknownEvent(event) &&
    (!isText(reason) || (INBOX_REASONS as readonly string[]).includes(reason));
}

function isUnknownEvent(event: unknown): boolean {
  return isFields(event) && isText(event.type) &&
    !(EVENT_TYPES as readonly string[]).includes(event.type);
}
