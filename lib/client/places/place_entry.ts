// What is shown on entering a room: its last messages, and a mark at the read position. Pure.

import { countOf, type Line, notice } from "../../terminal/view_lines.ts";
import type { RoomPlace } from "./places.ts";

/** So many of the last messages are shown, more when more of them are new. */
const SHOWN = 20;
const SHOWN_MOST = 100;
/** So many messages stand before the mark. */
const BEFORE_MARK = 3;

/** The last messages of a place with a mark before the new ones; `user` is the person. */
export function describeEntry(
  { lines, seen, unread }: RoomPlace,
  { user }: { readonly user: number | undefined },
): readonly Line[] {
  const at = lines.findIndex(({ event }) => event.seq > seen && event.user !== user);
  if (unread === 0 || at === -1) return lines.slice(-SHOWN);
  const count = Math.min(SHOWN_MOST, Math.max(SHOWN, lines.length - at + BEFORE_MARK));
  const first = Math.max(0, lines.length - count);
  const mark = Math.max(at, first);
  const shown = lines.slice(mark).filter(({ event }) => event.user !== user).length;
  return [
    ...lines.slice(first, mark),
    notice(describeNew({ unread, shown })),
    ...lines.slice(mark),
  ];
}

/** `14 new`; where older ones of them are not shown, that too. */
function describeNew(
  { unread, shown }: { readonly unread: number; readonly shown: number },
): string {
  if (shown >= unread) return `${unread} new`;
  return `${unread} new: the last ${countOf(shown, "message")} of them · /history shows older ones`;
}
