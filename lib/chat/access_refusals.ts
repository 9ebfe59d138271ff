// The refusals of what a user may not do in a room. access.ts decides what a user may do.

import { ChatError } from "../wire/errors.ts";
import type { Action, Bar } from "./access_rules.ts";
import { describeEnd } from "./moderation/end_wording.ts";

/** How a request has named a room: in its letters, by an alias, or by the number of an inquiry. */
export interface RoomAsNamed {
  readonly name: string;
  /** What the request calls it; `room` when missing. */
  readonly field?: "room" | "inquiry";
}

/**
 * The refusal for a room that does not exist or may not be seen. The bytes are the same, because they
 * repeat only the name in the request.
 */
export function noSuchRoom({ name, field = "room" }: RoomAsNamed): ChatError {
  if (field === "inquiry" || name.startsWith("?")) {
    const message = `There is no inquiry "${name}" that you can see`;
    return new ChatError("no_such_inquiry", message, { field });
  }
  return new ChatError("no_such_room", `There is no room "${name}" that you can see`, { field });
}

/** What a refusal calls each action, in front of the room's name. */
const ACTIONS: Readonly<Record<Action, string>> = {
  see: "see",
  read: "read",
  send: "send messages to",
  change: "change messages in",
  respond: "answer in",
  decide: "decide in",
  withdraw: "withdraw questions in",
  work: "work on",
  note: "write notes on",
  join: "join",
  add: "add people to",
  topic: "change the topic of",
  moderate: "moderate",
};

/** The refusal of an action in a room that may be seen. */
export function notAllowed(action: Action, { name }: Pick<RoomAsNamed, "name">): ChatError {
  const message = `You may not ${ACTIONS[action]} "${name}"`;
  return new ChatError("forbidden", message, { field: "room" });
}

/** The answer to a guest while guests are muted everywhere. */
export function silenced(): ChatError {
  return new ChatError("muted", "The administrators have muted all guests: try again later");
}

/** The answer to a user who is kept out. */
export function barred(
  { name }: { readonly name: string },
  { kind, until, reason }: Bar,
): ChatError {
  if (kind === "removed") {
    const message = `A moderator has removed you from "${name}": join it to be a member again`;
    return new ChatError("not_in_room", message, { field: "room" });
  }
  const why = reason ? `: ${reason}` : "";
  const message = `You are banned from "${name}"${describeEnd(until)}${why}`;
  return new ChatError("banned", message, { field: "room", until });
}
