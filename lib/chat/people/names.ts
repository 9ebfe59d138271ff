// Which names users and rooms may have, and when two names are the same or look alike. Pure functions;
// the syntax of names (letters, lengths) is checked by the wire before.

import type { UserId, UserName } from "../../store/records.ts";

/** Names that suggest authority; names that look like them are refused, too. */
const AUTHORITATIVE = ["admin", "system", "server", "support", "operator", "root", "console"];
/** Names that address all users, and words that decide a question. */
const COLLECTIVE = ["all", "here", "approve", "deny", "none", "expired"];
/** Names that no room may have: users would take its messages for the server's. */
const RESERVED_ROOMS = new Set([...COLLECTIVE, "system", "server"]);

const AUTHORITATIVE_LOOSE = new Set(AUTHORITATIVE.map(looseForm));
const COLLECTIVE_SKELETONS = new Set(COLLECTIVE.map(nameSkeleton));

/** The form by which names are compared and stored: ASCII lower case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/**
 * The form by which names that look alike are found, from the name as written: `0` is `O`, `1` and capital `I`
 * are `l`, then lower case. A small `i` stays: `Ian` looks like `lan`, `ian` does not.
 */
export function nameSkeleton(name: string): string {
  return name.replaceAll("0", "O").replaceAll(/[1I]/g, "l").toLowerCase();
}

/** A name with the forms by which it is compared. */
export function userNameOf(name: string): UserName {
  return { name, key: nameKey(name), skeleton: nameSkeleton(name) };
}

/** A coarser form, for the few names that suggest authority: `1`, `i` and `l` are one, `rn` is `m`. */
function looseForm(name: string): string {
  return nameSkeleton(name).replaceAll("i", "l").replaceAll("rn", "m");
}

/** Whether no user may have this name: it suggests authority or addresses all users. */
export function isReservedName(name: string): boolean {
  return AUTHORITATIVE_LOOSE.has(looseForm(name)) || COLLECTIVE_SKELETONS.has(nameSkeleton(name));
}

/** The name of a guest who gives none: by the number of the user, which no other user has. */
export function numberedName(user: UserId): string {
  return `legacy-${user}`;
}

/** Whether the name is one by number, or looks like one. */
export function isNumberedName(name: string): boolean {
  return /^legacy-[2-9lo]+$/.test(nameSkeleton(name));
}

/** Whether no room may have this name. */
export function isReservedRoomName(name: string): boolean {
  return RESERVED_ROOMS.has(nameKey(name));
}
