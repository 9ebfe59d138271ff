// Who is shown a command by /help and completion. Never who may use it: the server decides that.

import { type Role, ROLES } from "../../wire/frames/roles.ts";

/** As much of what a line acts on as tells who the person is. */
interface Viewer {
  readonly loop: { readonly conversation: { readonly you?: { readonly role: Role } } };
}

/** To everybody from this role on. */
export function hasRoleOf(least: Role): (viewer: Viewer) => boolean {
  return ({ loop }) => {
    const { role } = loop.conversation.you ?? {};
    return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
  };
}
