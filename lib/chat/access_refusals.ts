// The refusals of what a user may not do in a room. access.ts decides what a user may do.

import { ChatError } from "../wire/errors.ts";
import { describeEnd } from "./moderation/end_wording.ts";

/** Why a user is kept out of a room, whatever the rules allow. */
export interface Bar {
  /** Banned; or removed by a moderator, and not a member again. */
  readonly kind: "banned" | "removed";
  /** When it ends by itself, UTC milliseconds. */
  readonly until?: number | undefined;
  readonly reason?: string | undefined;
}

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
