// Decodes requests in two steps: the envelope (type, id), and, once it is known that the client may send
// this request, the fields. Protocol §2 sets the order in which errors are found.

import { ChatError, FrameError } from "./errors.ts";
import { badField, isRequestId } from "./fields.ts";
import type { ClientFrame, ClientFrameType, RequestId } from "./frame.ts";
import { parseFields } from "./json.ts";
import { looksLikeHttp } from "./lines.ts";
import type { Limits } from "./limits.ts";
import type { Decoders, Envelope } from "./requests/decoder.ts";
import { CREDENTIAL_DECODERS } from "./requests/credentials.ts";
import { DESK_DECODERS } from "./requests/desk.ts";
import { DESK_NOTE_DECODERS } from "./requests/desk_notes.ts";
import { INBOX_DECODERS } from "./requests/inbox.ts";
import { PEOPLE_DECODERS } from "./requests/people.ts";
import { MESSAGE_DECODERS } from "./requests/messages.ts";
import { MODERATION_DECODERS } from "./requests/moderation.ts";
import { ROOM_DECODERS } from "./requests/rooms.ts";
import { SESSION_DECODERS } from "./requests/session.ts";
import { quote } from "./text.ts";

/** The error for a line that is not a request, and the `re` of the reply. */
interface Refused {
  readonly error: FrameError | ChatError;
  readonly id: RequestId | undefined;
  /** The line is not JSON, but could be part of an HTTP request. */
  readonly isHttp?: boolean;
}

/** A line of a client; `"error" in inbound` distinguishes the two. */
export type Inbound = Envelope | Refused;

const DECODERS: Decoders<ClientFrameType> = {
  ...SESSION_DECODERS,
  ...CREDENTIAL_DECODERS,
  ...PEOPLE_DECODERS,
  ...ROOM_DECODERS,
  ...MESSAGE_DECODERS,
  ...INBOX_DECODERS,
  ...DESK_DECODERS,
  ...DESK_NOTE_DECODERS,
  ...MODERATION_DECODERS,
};

/** The envelope of a line, or why it has none. */
export function readEnvelope(line: string): Inbound {
  const body = parseFields(line);
  if (body instanceof FrameError) {
    return { error: body, id: undefined, isHttp: body.code === "bad_json" && looksLikeHttp(line) };
  }
  const id = isRequestId(body.id) ? body.id : undefined;
  const { type } = body;
  if (typeof type !== "string") {
    return { error: new FrameError("bad_frame", 'The frame has no "type" that is a string'), id };
  }
  if (!isClientFrameType(type)) return { error: unknownType(type), id };
  return { type, id, body };
}

/**
 * The request with its fields, each checked: exact types, safe integers, the rules of texts and
 * names. Fields that are not known are ignored. The first error counts, in the order of the fields.
 * @throws {ChatError} bad_field, bad_text, bad_name or too_long, with the field.
 */
export function decodeRequest(envelope: Envelope, limits: Limits): ClientFrame {
  const { id } = envelope.body;
  if (id !== undefined && envelope.id === undefined) {
    throw badField("id", { found: id, expected: "a string of 1 to 64 bytes or a whole number" });
  }
  return DECODERS[envelope.type](envelope, limits);
}

function unknownType(type: string): ChatError {
  return new ChatError(
    "unknown_type",
    `There is no request ${quote(type)}: the protocol lists them`,
  );
}

function isClientFrameType(type: string): type is ClientFrameType {
  return Object.hasOwn(DECODERS, type);
}
