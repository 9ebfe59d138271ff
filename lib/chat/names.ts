// What a person or a room may be called, and when two names are the same. Pure functions; the
// patterns of names (letters, lengths) are the wire's, checked before a name comes here.

import type { UserId, UserName } from "../store/repository.ts";

/** The room that always exists. */
export const LOBBY = "lobby";

/** Names that would lend their bearer power; look-alikes are refused too. */
const POWERFUL = ["admin", "system", "server", "support", "operator", "root", "console"];
/** Names that address everybody. */
const COLLECTIVE = ["all", "here"];
/** What no room may be called: people would take it for the server's own voice. */
const RESERVED_ROOMS = new Set([...COLLECTIVE, "system", "server"]);

const POWERFUL_LOOSE = new Set(POWERFUL.map(looseForm));
const COLLECTIVE_SKELETONS = new Set(COLLECTIVE.map(nameSkeleton));

/** The form in which names are compared and stored as keys: ASCII lower case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/**
 * The form in which look-alikes meet, made from the name as written: `0` is `O`, `1` and capital `I`
 * are `l`, then lower case. A small `i` stays what it is: `Ian` meets `lan`, `ian` does not.
 */
export function nameSkeleton(name: string): string {
  return name.replaceAll("0", "O").replaceAll(/[1I]/g, "l").toLowerCase();
}

/** The name in all its forms. */
export function userNameOf(name: string): UserName {
  return { name, key: nameKey(name), skeleton: nameSkeleton(name) };
}

/** A wider net for the few names that carry power: `1`, `i` and `l` alike, `rn` as `m`. */
function looseForm(name: string): string {
  return nameSkeleton(name).replaceAll("i", "l").replaceAll("rn", "m");
}

/** Whether nobody may be called so, because the name carries power or addresses everybody. */
export function isReservedName(name: string): boolean {
  return POWERFUL_LOOSE.has(looseForm(name)) || COLLECTIVE_SKELETONS.has(nameSkeleton(name));
}

/** What a guest who has given no name is called: by their number as a user, which is nobody else's. */
export function numberedName(user: UserId): string {
  return `legacy-${user}`;
}

/** Whether it is such a name, or looks like one. */
export function isNumberedName(name: string): boolean {
  return /^legacy-[2-9lo]+$/.test(nameSkeleton(name));
}

/** Whether no room may have this name. */
export function isReservedRoomName(name: string): boolean {
  return RESERVED_ROOMS.has(nameKey(name));
}
