// Which reply each request gets when it is not refused. The compiler asks for every new frame.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrameType, ServerFrame, ServerFrameType } from "../../wire/frame.ts";

export const REPLY_TYPES = {
  hello: "welcome",
  login: "welcome",
  ping: "pong",
  pong: undefined,
  register: "ok",
  password: "ok",
  account: "account",
  accounts: "accounts",
  whois: "whois",
  tokens: "tokens",
  revoke: "ok",
  logout: "ok",
  token: "token",
  code: "code",
  codes: "codes",
  revoke_code: "ok",
  look: "code",
  join: "room",
  leave: "ok",
  add: "ok",
  topic: "ok",
  typing: undefined,
  rooms: "rooms",
  members: "members",
  message: "ok",
  edit: "ok",
  delete: "ok",
  history: "page",
  read: "ok",
  search: "found",
  inbox: "inbox",
  later: "ok",
  laters: "laters",
  resume: "resumed",
  inquiry: "ok",
  queue: "queue",
  report: "report",
  respond: "ok",
  decide: "ok",
  withdraw: "ok",
  claim: "ok",
  release: "ok",
  assign: "ok",
  snooze: "ok",
  resolve: "ok",
  reopen: "ok",
  seen: "ok",
  question: "question",
  canned: "canned",
  note: "ok",
  draft: "ok",
  stats: "stats",
  standing: "ok",
  kick: "ok",
  ban: "ok",
  unban: "ok",
  bans: "bans",
  moderation: "moderation",
  panic: "ok",
  ignore: "ok",
  ignores: "ignores",
} as const satisfies { readonly [T in ClientFrameType]: ServerFrameType | undefined };

type Replies = typeof REPLY_TYPES;

/** The frames that get a reply. */
export type RequestType = {
  [T in ClientFrameType]: Replies[T] extends ServerFrameType ? T : never;
}[ClientFrameType];

export type Reply<T extends RequestType> = ServerFrame<Replies[T]>;

/** A refusal as the error that a request rejects with. */
export function toChatError(
  { code, message, field, retry, after_ms, suggestion, event, until }: ServerFrame<"error">,
): ChatError {
  return new ChatError(code, message, {
    field,
    retry,
    afterMs: after_ms,
    suggestion,
    event,
    until,
  });
}
