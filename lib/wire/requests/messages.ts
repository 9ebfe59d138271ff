// Decodes the requests about messages (protocol §5 and §6).

import { ChatError } from "../errors.ts";
import {
  badField,
  findCid,
  findEpoch,
  findInteger,
  findPageLimit,
  getInteger,
  getRoom,
} from "../fields.ts";
import type { Cursor, MessageRequests, PagePosition } from "../frames/messages.ts";
import { type Fields, isFields } from "../json.ts";
import { hasRefusedCharacters } from "../text.ts";
import { type Decoders, FROM_ONE, FROM_ZERO, getContent } from "./decoder.ts";

const MAX_CURSORS = 200;
const QUERY_UNITS = 512;
const PLACES = ["before", "after", "around", "at"] as const;

export const MESSAGE_DECODERS: Decoders<keyof MessageRequests> = {
  message: ({ id, body }, limits) => ({
    type: "message",
    id,
    room: getRoom(body),
    content: getContent(body, limits),
    cid: findCid(body),
    to: findInteger(body, "to", FROM_ONE),
  }),
  edit: ({ id, body }, limits) => ({
    type: "edit",
    id,
    room: getRoom(body),
    seq: getInteger(body, "seq", FROM_ONE),
    content: getContent(body, limits),
    cid: findCid(body),
  }),
  delete: ({ id, body }) => ({
    type: "delete",
    id,
    room: getRoom(body),
    seq: getInteger(body, "seq", FROM_ONE),
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
  search: ({ id, body }, limits) => ({
    type: "search",
    id,
    query: getQuery(body),
    limit: findPageLimit(body, limits),
    from: findPosition(body),
  }),
  resume: ({ id, body }) => ({
    type: "resume",
    id,
    epoch: findEpoch(body),
    rooms: getCursors(body),
  }),
};

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

function getQuery({ query }: Fields): string {
  const isQuery = typeof query === "string" && query.trim() !== "" &&
    query.length <= QUERY_UNITS && !hasRefusedCharacters(query);
  if (isQuery) return query;
  const expected = `1 to ${QUERY_UNITS} characters: words, "phrases", from:, in:`;
  throw badField("query", { found: query, expected });
}

function findPosition({ from }: Fields): string | undefined {
  if (from === undefined || (typeof from === "string" && /^[1-9]\d{0,15}$/.test(from))) return from;
  throw badField("from", { found: from, expected: 'the "next" of a page' });
}
