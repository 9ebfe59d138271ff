// How rooms and their members read in a list. Pure.

import type { MemberSummary, RoomSummary } from "../../wire/frame.ts";
import { countOf, formatRoom } from "../../terminal/line.ts";

/** `#ops · 3 members · joined · 2 unread · what it is about`. */
export function describeRoom(room: RoomSummary): string {
  const parts = [formatRoom(room.room)];
  if (room.count !== undefined) parts.push(countOf(room.count, "member"));
  if (room.joined === true) parts.push("joined");
  if (room.unread !== undefined && room.unread > 0) parts.push(`${room.unread} unread`);
  if (room.topic !== undefined && room.topic !== "") parts.push(room.topic);
  return parts.join(" · ");
}

/** Who is here, and who belongs to the room but is away: a line each, unless nobody is. */
export function describeMembers(
  { room, members }: { readonly room: string; readonly members: readonly MemberSummary[] },
): readonly string[] {
  const names = (here: boolean) =>
    members.filter((member) => member.here === here)
      .map(({ name, role }) => role === "member" ? name : `${name} (${role})`).join(", ");
  const lines = { here: names(true), away: names(false) };
  return Object.entries(lines).filter(([, list]) => list !== "")
    .map(([where, list]) => `${formatRoom(room)} ${where}: ${list}`);
}
