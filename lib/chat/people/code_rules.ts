// Who may make which codes, and that a code is good only as long as its creator may still make it.

import type { CodeKind, CodeRecord } from "../../store/repository.ts";
import type { Role } from "../../wire/frames/roles.ts";
import { hasRole } from "./principal.ts";

/** Whether members may invite people, or administrators alone. */
export interface CodePolicy {
  readonly invites: "admins" | "members";
}

/** Whether a user may make a code of this kind, for an account of this role. */
export function mayCreateCode(
  user: { readonly role: Role },
  { kind, role = "member" }: { readonly kind: CodeKind; readonly role?: Role | undefined },
  { invites }: CodePolicy,
): boolean {
  switch (kind) {
    case "device":
      return true;
    case "reset":
      return hasRole(user.role, "admin");
    case "join":
      return hasRole(user.role, "admin") ||
        (invites === "members" && hasRole(user.role, "member") && role === "member");
  }
}

/** Whether the creator of a code may still create it: otherwise the code is not valid. */
export function mayBack(code: CodeRecord, policy: CodePolicy): boolean {
  return mayCreateCode(code.creator, { kind: code.kind, role: code.role }, policy);
}
