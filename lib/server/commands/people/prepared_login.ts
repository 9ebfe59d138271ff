// The result of a login by any method: the principal of a user who may log in, or the reply that refuses
// the login.

import type { OpenPrincipal } from "../../../chat/people/principal.ts";
import type { OwnRoom } from "../../../chat/members/membership_lists.ts";
import type { UserId } from "../../../store/records.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { RoomSummary } from "../../../wire/summaries.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { summarizeOwnRoom } from "../rooms.ts";

/** How many memberships a welcome lists. */
const WELCOME_ROOMS = 100;
/** After how many milliseconds a user with too many sessions may try again: this, and up to twice this. */
const BUSY_MS = 250;

/** The one answer to an unknown name, a wrong password and an invalid code. */
export const WRONG_LOGIN = "Wrong name or password, or a code that was used or has expired";

/** A user that may log in. Nothing more is to be looked up, and the session is still as it was. */
export interface PreparedLogin {
  /** Holds the user's name; to be closed when the login fails. */
  readonly principal: OpenPrincipal;
  /** A new token; missing when the user came by one. */
  readonly token?: string;
  /** The rooms of the user, the latest first, and whether there are more. */
  readonly rooms: readonly RoomSummary[];
  readonly more: boolean;
}

/** A login that failed: its reply, and what follows the reply. */
export type FailedLogin = Required<Pick<CommandResult, "reply">> & CommandResult;

/** The user's rooms, the latest first. @throws what the store throws */
export function readOwnRooms(
  principal: OpenPrincipal,
  { hub }: CommandContext,
): Promise<{ readonly rooms: readonly OwnRoom[]; readonly more: boolean }> {
  return hub.membershipLists.ofPrincipal(principal, { order: "activity", limit: WELCOME_ROOMS });
}

/** A login with the rooms of a user who comes back. Closes the principal when they cannot be read. */
export async function withRooms(
  principal: OpenPrincipal,
  context: CommandContext,
): Promise<PreparedLogin> {
  try {
    const { rooms, more } = await readOwnRooms(principal, context);
    return { principal, rooms: rooms.map((room) => summarizeOwnRoom(principal, room)), more };
  } catch (error) {
    principal.close();
    throw error;
  }
}

/**
 * To be asked before a login stores anything: what keeps the user out is checked again at its end. Of their
 * connections only those to this server count: a notice of another must not lock a user out.
 * @throws {ChatError} banned, busy
 */
export function checkMayEnter(user: UserId, { hub, limits }: CommandContext): void {
  hub.sanctions.checkUser(user);
  const most = limits.sessions_per_user;
  if ((hub.names.findHere(user)?.connections ?? 0) < most) return;
  throw new ChatError("busy", `A user may have at most ${most} connections at a time`, {
    retry: true,
    afterMs: BUSY_MS + Math.floor(Math.random() * BUSY_MS),
  });
}
