// Bans, and the closing of the server to guests.

import { formatActs, formatBans } from "./tables.ts";
import { formatPeriod } from "../client/output/durations.ts";
import type { ActionOf, Banned } from "../config/people/admin_command.ts";
import type { BanSummary, LoggedAct } from "../wire/frames/moderation.ts";
import type { AdminSession } from "./admin_session.ts";
import { type Report, withoutRequestId } from "./report.ts";

export async function listBans(
  session: AdminSession,
  { room }: ActionOf<"ban list">,
): Promise<Report> {
  const bans = await session.readAll<BanSummary>(async (last) => {
    const page = await session.request({ type: "bans", room, after: last?.ban });
    return { items: page.bans, more: page.more };
  });
  if (bans.length === 0) return { objects: [], notes: [`No bans ${whereOf(room)}`] };
  return { objects: bans, text: formatBans(bans) };
}

/** The newest acts, the oldest of them first, as a log reads. */
export async function listActs(
  session: AdminSession,
  { room, limit }: ActionOf<"ban log">,
): Promise<Report> {
  let count = 0;
  const acts = await session.readAll<LoggedAct>(async (last) => {
    const page = await session.request({ type: "moderation", room, before: last?.entry });
    count += page.entries.length;
    return { items: page.entries, more: page.more && count < limit };
  });
  const newest = acts.slice(0, limit).toReversed();
  if (newest.length === 0) return { objects: [], notes: [`No moderation yet ${whereOf(room)}`] };
  return { objects: newest, text: formatActs(newest) };
}

export async function addBan(
  session: AdminSession,
  { banned, room, forMs, reason }: ActionOf<"ban add">,
): Promise<Report> {
  const ok = await session.request({ type: "ban", ...banned, room, for_ms: forMs, reason });
  const until = forMs === undefined ? "until the ban is removed" : `for ${formatPeriod(forMs)}`;
  return {
    objects: [withoutRequestId(ok)],
    notes: [`${nameOf(banned)} is banned ${whereOf(room)} ${until}`],
  };
}

export async function removeBan(
  session: AdminSession,
  { banned, room }: ActionOf<"ban remove">,
): Promise<Report> {
  const ok = await session.request({ type: "unban", ...banned, room });
  const notes = [`${nameOf(banned)} is no longer banned ${whereOf(room)}`];
  return { objects: [withoutRequestId(ok)], notes };
}

export async function setPanic(session: AdminSession, { on }: ActionOf<"panic">): Promise<Report> {
  const ok = await session.request({ type: "panic", on });
  const note = on
    ? "Panic is on: guests cannot log in or write, and nobody can register"
    : "Panic is off: guests and registration are as before";
  return { objects: [withoutRequestId(ok)], notes: [note] };
}

function nameOf(banned: Banned): string {
  return "user" in banned ? banned.user : banned.network;
}

function whereOf(room: string | undefined): string {
  return room === undefined ? "on this server" : `in #${room}`;
}
