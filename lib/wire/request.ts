// Decodes requests in two steps: the envelope (type, id), and, once it is known that the client may send
// this request, the fields. Protocol §2 sets the order in which errors are found.

import { ChatError, FrameError } from "./errors.ts";
import {
  badField,
  findAfter,
  findBoolean,
  findCid,
  findClient,
  findEpoch,
  findInteger,
  findPageLimit,
  getAccountName,
  getInteger,
  getRoom,
  getToken,
  isRequestId,
} from "./fields.ts";
import {
  type Auth,
  type ClientFrame,
  type ClientFrameType,
  type Cursor,
  type PagePosition,
  PROTOCOL_VERSION,
  type RequestId,
} from "./frame.ts";
import { type Fields, isFields, parseFields } from "./json.ts";
import { looksLikeHttp } from "./lines.ts";
import type { Limits } from "./limits.ts";
import { checkText, quote } from "./text.ts";

/** A frame of a known type whose fields are not checked yet. */
export interface Envelope {
  readonly type: ClientFrameType;
  /** Undefined when there is none, and when a reply could not carry it. */
  readonly id: RequestId | undefined;
  readonly body: Fields;
}

/** The error for a line that is not a request, and the `re` of the reply. */
interface Refused {
  readonly error: FrameError | ChatError;
  readonly id: RequestId | undefined;
  /** The line is not JSON, but could be part of an HTTP request. */
  readonly isHttp?: boolean;
}

/** A line of a client; `"error" in inbound` tells the two apart. */
export type Inbound = Envelope | Refused;

const MAX_CURSORS = 200;
const FROM_ZERO = { least: 0 };
const FROM_ONE = { least: 1 };
const PLACES = ["before", "after", "around", "at"] as const;

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
  const known = Object.keys(DECODERS).join(", ");
  return new ChatError("unknown_type", `There is no request ${quote(type)}: there are ${known}`);
}

function isClientFrameType(type: string): type is ClientFrameType {
  return Object.hasOwn(DECODERS, type);
}

const DECODERS: {
  readonly [T in ClientFrameType]: (envelope: Envelope, limits: Limits) => ClientFrame<T>;
} = {
  hello: ({ id, body }) => ({
    type: "hello",
    id,
    version: getVersion(body),
    client: findClient(body),
    auth: body.auth === undefined ? undefined : getAuth(body),
    idle_ms: findInteger(body, "idle_ms", FROM_ZERO),
  }),
  login: ({ id, body }) => ({ type: "login", id, auth: getAuth(body) }),
  ping: ({ id }) => ({ type: "ping", id }),
  pong: ({ id }) => ({ type: "pong", id }),
  join: ({ id, body }) => ({
    type: "join",
    id,
    room: getRoom(body),
    create: findBoolean(body, "create"),
  }),
  leave: ({ id, body }) => ({ type: "leave", id, room: getRoom(body) }),
  rooms: ({ id, body }, limits) => ({
    type: "rooms",
    id,
    after: findAfter(body),
    limit: findPageLimit(body, limits),
    joined: findBoolean(body, "joined"),
  }),
  members: ({ id, body }, limits) => ({
    type: "members",
    id,
    room: getRoom(body),
    after: findAfter(body),
    limit: findPageLimit(body, limits),
  }),
  message: ({ id, body }, limits) => ({
    type: "message",
    id,
    room: getRoom(body),
    content: getContent(body, limits),
    cid: findCid(body),
  }),
  history: ({ id, body }, limits) => ({
    type: "history",
    id,
    room: getRoom(body),
    limit: findPageLimit(body, limits),
    ...getPagePosition(body),
  }),
  read: ({ id, body }) => ({
    type: "read",
    id,
    room: getRoom(body),
    seq: getInteger(body, "seq", FROM_ZERO),
  }),
  resume: ({ id, body }) => ({
    type: "resume",
    id,
    epoch: findEpoch(body),
    rooms: getCursors(body),
  }),
  inquiry: ({ id, body }, limits) => ({
    type: "inquiry",
    id,
    content: getContent(body, limits),
    cid: findCid(body),
  }),
  queue: ({ id, body }, limits) => ({
    type: "queue",
    id,
    limit: findPageLimit(body, limits),
  }),
  respond: ({ id, body }, limits) => ({
    type: "respond",
    id,
    inquiry: getInteger(body, "inquiry", FROM_ONE),
    content: getContent(body, limits),
    cid: findCid(body),
    to: findInteger(body, "to", FROM_ONE),
  }),
  stats: ({ id }) => ({ type: "stats", id }),
};

function getVersion({ version }: Fields): number {
  if (version === PROTOCOL_VERSION) return PROTOCOL_VERSION;
  throw badField("version", { found: version, expected: `${PROTOCOL_VERSION}, spoken here` });
}

function getAuth({ auth }: Fields): Auth {
  if (!isFields(auth)) {
    throw badField("auth", { found: auth, expected: "an object with a method" });
  }
  switch (auth.method) {
    case "guest":
      return { method: "guest", name: getAccountName(auth, "auth.name") };
    case "token":
      return { method: "token", token: getToken(auth) };
    default:
      throw unknownMethod(auth.method);
  }
}

function unknownMethod(method: unknown): ChatError {
  const field = "auth.method";
  const takes = '"guest" or "token"';
  if (typeof method !== "string") return badField(field, { found: method, expected: takes });
  const message = `Cannot log in by ${quote(method)}: field "${field}" takes ${takes}`;
  return new ChatError("bad_field", message, { field });
}

function getContent({ content }: Fields, limits: Limits): string {
  if (typeof content !== "string") {
    throw badField("content", { found: content, expected: "a text" });
  }
  checkText(content, limits);
  return content;
}

/** At most one of the four; the error names the second one found. */
function getPagePosition(fields: Fields): PagePosition {
  let chosen: typeof PLACES[number] | undefined;
  let value = 0;
  for (const place of PLACES) {
    const found = findInteger(fields, place, FROM_ZERO);
    if (found === undefined) continue;
    if (chosen !== undefined) {
      const message = `Field "${place}" is one too many beside "${chosen}": at most one of ${
        PLACES.join(", ")
      }`;
      throw new ChatError("bad_field", message, { field: place });
    }
    chosen = place;
    value = found;
  }
  return chosen === undefined ? {} : { [chosen]: value };
}

function getCursors({ rooms }: Fields): readonly Cursor[] {
  if (!Array.isArray(rooms)) {
    throw badField("rooms", { found: rooms, expected: "an array of cursors" });
  }
  if (rooms.length > MAX_CURSORS) {
    const message = `Field "rooms" has ${rooms.length} entries: it takes at most ${MAX_CURSORS}`;
    throw new ChatError("bad_field", message, { field: "rooms" });
  }
  return rooms.map((cursor: unknown, at) => {
    if (!isFields(cursor)) {
      throw badField(`rooms.${at}`, { found: cursor, expected: "an object with room and seq" });
    }
    return {
      room: getRoom(cursor, `rooms.${at}.room`),
      seq: getInteger(cursor, "seq", { least: 0, path: `rooms.${at}.seq` }),
    };
  });
}
