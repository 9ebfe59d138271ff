// Decodes the requests to the desk (protocol §8).

import { findCid, findInteger, findPageLimit, getInteger } from "../fields.ts";
import type { DeskRequests } from "../frames/desk.ts";
import { type Decoders, FROM_ONE, getContent } from "./decoder.ts";

export const DESK_DECODERS: Decoders<keyof DeskRequests> = {
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
};
