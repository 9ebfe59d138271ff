// The answers to the person's questions at the desk: those that are new, else the latest ones.

import { countOf, notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import { withSession } from "../link/with_session.ts";
import { PlainView } from "../output/plain_and_json_views.ts";
import type { Dialog } from "./dialog.ts";
import { findRooms } from "./room_list.ts";
import { MENU_TIMEOUT_MS } from "./menu_timeout.ts";

/** How many questions are shown when nothing is new. */
const LATEST = 3;
/** How many events of a question are shown. */
const EVENTS = 50;

/** @throws {Failure} */
export async function showAnswers(context: ClientContext, dialog: Dialog): Promise<void> {
  const overdue = () => new Failure("timeout", "The server gave no answer");
  const options = { timeoutMs: MENU_TIMEOUT_MS, overdue };
  await withSession(context, options, async (session) => {
    const asked = (await findRooms(session, { isJoined: true }))
      .filter(({ room }) => room.startsWith("?"))
      .sort((one, other) => Number(one.room.slice(1)) - Number(other.room.slice(1)));
    if (asked.length === 0) return dialog.show(notice("You have asked nothing yet"));
    const fresh = asked.filter(({ unread = 0 }) => unread > 0);
    const shown = fresh.length > 0 ? fresh : asked.slice(-LATEST);
    const what = fresh.length > 0 ? "with something new" : "the latest, nothing is new";
    dialog.show(notice(`${countOf(shown.length, "question")}, ${what}`));
    for (const { room, last } of shown) await showInquiry(session, { context, dialog, room, last });
  });
}

async function showInquiry(
  session: Session,
  { context, dialog, room, last }: {
    readonly context: ClientContext;
    readonly dialog: Dialog;
    readonly room: string;
    readonly last: number;
  },
): Promise<void> {
  const { events } = await session.request({ type: "history", room, limit: EVENTS });
  new PlainView(context.output, { showsRooms: true })
    .show(events.map((event) => ({ kind: "event", event })));
  if (!events.some(({ type }) => type === "response" || type === "decision")) {
    dialog.show(notice(`${room} has no answer yet`));
  }
  await session.request({ type: "read", room, seq: last });
}
