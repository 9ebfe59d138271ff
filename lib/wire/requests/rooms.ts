// Decodes the requests about rooms (protocol §4).

import { findAfter, findBoolean, findCid, findPageLimit, getRoom, getUserName } from "../fields.ts";
import type { RoomRequests } from "../frames/rooms.ts";
import { type Decoders, getTopic } from "./decoder.ts";

export const ROOM_DECODERS: Decoders<keyof RoomRequests> = {
  join: ({ id, body }) => ({
    type: "join",
    id,
    room: getRoom(body),
    create: findBoolean(body, "create"),
    private: findBoolean(body, "private"),
  }),
  add: ({ id, body }) => ({
    type: "add",
    id,
    room: getRoom(body),
    user: getUserName(body),
  }),
  topic: ({ id, body }, limits) => ({
    type: "topic",
    id,
    room: getRoom(body),
    topic: getTopic(body, limits),
    cid: findCid(body),
  }),
  typing: ({ id, body }) => ({ type: "typing", id, room: getRoom(body) }),
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
};
