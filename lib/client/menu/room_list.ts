// The rooms that a person may see, or belongs to.

import { notice } from "../../terminal/view_lines.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import { withSession } from "../link/with_session.ts";
import { describeRoom } from "../output/wording.ts";
import type { Dialog } from "./dialog.ts";
import { MENU_TIMEOUT_MS } from "./menu_timeout.ts";

const PAGE = 100;
/** More rooms than this are not listed for a person. */
const MOST = 1_000;

/** @throws {Failure} */
export async function showRooms(context: ClientContext, dialog: Dialog): Promise<void> {
  const overdue = () => new Failure("timeout", "The server gave no answer");
  const options = { timeoutMs: MENU_TIMEOUT_MS, overdue };
  await withSession(context, options, async (session) => {
    const rooms = (await findRooms(session, { isJoined: false }))
      .filter(({ room }) => !room.startsWith("?"));
    if (rooms.length === 0) return dialog.show(notice("There are no rooms yet"));
    dialog.showRows(rooms.map(describeRoom));
  });
}

/** The rooms page by page. */
export async function findRooms(
  session: Session,
  { isJoined }: { readonly isJoined: boolean },
): Promise<readonly RoomSummary[]> {
  const found: RoomSummary[] = [];
  const joined = isJoined ? true : undefined;
  for (;;) {
    const after = found.at(-1)?.room;
    const { rooms, more } = await session.request({ type: "rooms", after, limit: PAGE, joined });
    found.push(...rooms);
    if (!more || rooms.length === 0 || found.length >= MOST) return found;
  }
}
