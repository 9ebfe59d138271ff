// Which reply each request gets when it is not refused. The compiler asks for every new frame.

import type { ClientFrameType, ServerFrame, ServerFrameType } from "../../wire/frame.ts";

/** The reply each request gets when it is not refused. */
interface Replies {
  hello: "welcome";
  login: "welcome";
  ping: "pong";
  join: "room";
  leave: "ok";
  rooms: "rooms";
  members: "members";
  message: "ok";
  history: "page";
  read: "ok";
  resume: "resumed";
  inquiry: "ok";
  queue: "queue";
  respond: "ok";
  stats: "stats";
}
export type RequestType = keyof Replies;
export type Reply<T extends RequestType> = ServerFrame<Replies[T]>;
type ReplyTypes = { readonly [T in ClientFrameType]: ServerFrameType | undefined };

/** The same for programs. */
export const REPLY_TYPES: ReplyTypes & { readonly [T in RequestType]: Replies[T] } = {
  hello: "welcome",
  login: "welcome",
  ping: "pong",
  pong: undefined,
  join: "room",
  leave: "ok",
  rooms: "rooms",
  members: "members",
  message: "ok",
  history: "page",
  read: "ok",
  resume: "resumed",
  inquiry: "ok",
  queue: "queue",
  respond: "ok",
  stats: "stats",
};
