// Decodes the requests about what concerns a user (protocol §6.7).

import { badField, findPageLimit, getInteger, getRoom } from "../fields.ts";
import type { InboxRequests } from "../frames/inbox.ts";
import type { Fields } from "../json.ts";
import { type Decoders, FROM_ONE, getOn } from "./decoder.ts";

/** The positions in an inbox and in a list of bookmarks. */
const INBOX_POSITION = /^[1-9]\d{0,15}:(?:0|[1-9]\d{0,15})$/;
const BOOKMARK_POSITION = /^[1-9]\d{0,15}$/;

export const INBOX_DECODERS: Decoders<keyof InboxRequests> = {
  inbox: ({ id, body }, limits) => ({
    type: "inbox",
    id,
    limit: findPageLimit(body, limits),
    from: findPosition(body, INBOX_POSITION),
  }),
  later: ({ id, body }) => ({
    type: "later",
    id,
    room: getRoom(body),
    seq: getInteger(body, "seq", FROM_ONE),
    on: getOn(body),
  }),
  laters: ({ id, body }, limits) => ({
    type: "laters",
    id,
    limit: findPageLimit(body, limits),
    from: findPosition(body, BOOKMARK_POSITION),
  }),
};

function findPosition({ from }: Fields, form: RegExp): string | undefined {
  if (from === undefined || (typeof from === "string" && form.test(from))) return from;
  throw badField("from", { found: from, expected: 'the "next" of a page' });
}
