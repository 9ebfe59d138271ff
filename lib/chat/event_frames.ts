// How an event is written as a frame: the only place that combines an author, a body and a position. Knows
// no store and no connection.

import type { Author, UserRecord } from "../store/records.ts";
import type { EventBody, RoomEvent } from "../wire/event.ts";
import { DEFAULT_LIMITS } from "../wire/limits.ts";
import { beginningOf } from "../wire/text.ts";
import type { Account } from "./people/principal.ts";

/** Where an event stands: its room by name, its seq there and its time, UTC milliseconds. */
interface EventPosition {
  readonly room: string;
  readonly seq: number;
  readonly time: number;
}

/** The fields of a frame that name a user. */
interface AuthorFields {
  readonly user: number;
  readonly from: string;
  readonly guest: true | undefined;
  readonly bot: true | undefined;
}

/** The user as the author of an event written now. */
export function authorOf({ user, name, role, isBot = false }: Account): Author {
  return { user, from: name, guest: role === "guest", bot: isBot };
}

/** A user whom the store knows, as an author. */
export function authorOfRecord({ id, name, role, isBot = false }: UserRecord): Author {
  return { user: id, from: name, guest: role === "guest", bot: isBot };
}

/** An author in a frame, where only guests have the field `guest`, and only programs `bot`. */
export function authorFields({ user, from, guest, bot }: Author): AuthorFields {
  return { user, from, guest: guest ? true : undefined, bot: bot ? true : undefined };
}

/**
 * An event as every reader gets it, live, in a page and in a replay. A text that an older program
 * stored may be too long for a frame: then the event has its beginning, and the field `cut`. Without a
 * text that stands it has no `content`.
 */
export function toEvent(
  author: Author,
  body: EventBody,
  { room, seq, time }: EventPosition,
): RoomEvent {
  const content = beginningOf(body.content, DEFAULT_LIMITS.content_encoded);
  const event = {
    // First on the wire, for people and for programs that look no further.
    type: body.kind,
    room,
    seq,
    ...authorFields(author),
    time,
    ...body,
    // The kind is the type. Overwriting it costs less than a rest pattern for each message.
    kind: undefined,
    content: hasText(body) ? content : undefined,
    cut: content.length < body.content.length ? true as const : undefined,
  };
  // Each kind has the same fields.
  return event as RoomEvent;
}

/** Not what is deleted, and not an edit that is not the latest one of its message. */
function hasText({ kind, content, deleted }: EventBody): boolean {
  if (deleted !== undefined || kind === "delete") return false;
  return content !== "" || kind !== "edit";
}
