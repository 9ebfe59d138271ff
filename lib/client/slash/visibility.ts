// Decides to whom /help and completion show a command. The server decides who may use it.

import { type Role, ROLES } from "../../wire/frames/roles.ts";
import type { Conversation } from "../state/conversation_state.ts";

/** The part of a line's target that says who the person is, and where. */
interface Viewer {
  readonly loop: { readonly conversation: Pick<Conversation, "you" | "current" | "facts"> };
}

/** To everybody from this role on. */
export function hasRoleOf(least: Role): (viewer: Viewer) => boolean {
  return ({ loop }) => {
    const { role } = loop.conversation.you ?? {};
    return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
  };
}

export function isGuest({ loop }: Viewer): boolean {
  return loop.conversation.you?.role === "guest";
}

/** To admins, and to owners and moderators of the current room. */
export function isModerator(viewer: Viewer): boolean {
  const { current, facts } = viewer.loop.conversation;
  const standing = current === undefined ? undefined : facts.get(current)?.standing;
  return hasRoleOf("admin")(viewer) || standing === "owner" || standing === "moderator";
}

/** To operators, too. */
export function isModeratorOrOperator(viewer: Viewer): boolean {
  return isModerator(viewer) || hasRoleOf("operator")(viewer);
}
