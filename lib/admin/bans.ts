// Bans, and the closing of the server to guests.

import type { Session } from "../client/link/session.ts";
import { formatActs, formatBans } from "./tables.ts";
import { formatPeriod } from "../client/output/wording.ts";
import type { ActionOf, Banned } from "../config/people/admin_command.ts";
import type { BanSummary, LoggedAct } from "../wire/frames/moderation.ts";
import { type Report, withoutRequestId } from "./report.ts";

export async function listBans(session: Session, { room }: ActionOf<"ban list">): Promise<Report> {
  const bans: BanSummary[] = [];
  for (let after: number | undefined, more = true; more; after = bans.at(-1)?.ban) {
    const page = await session.request({ type: "bans", room, after });
    bans.push(...page.bans);
    more = page.more && page.bans.length > 0;
  }
  if (bans.length === 0) return { objects: [], notes: [`No bans ${whereOf(room)}`] };
  return { objects: bans, text: formatBans(bans) };
}

/** The newest acts, the oldest of them first, as a log reads. */
export async function listActs(
  session: Session,
  { room, limit }: ActionOf<"ban log">,
): Promise<Report> {
  const acts: LoggedAct[] = [];
  for (let before: number | undefined, more = true; more; before = acts.at(-1)?.entry) {
    const page = await session.request({ type: "moderation", room, before });
    acts.push(...page.entries);
    more = page.more && page.entries.length > 0 && acts.length < limit;
  }
  const newest = acts.slice(0, limit).reverse();
  if (newest.length === 0) return { objects: [], notes: [`Nothing was done ${whereOf(room)}`] };
  return { objects: newest, text: formatActs(newest) };
}

export async function addBan(
  session: Session,
  { banned, room, forMs, reason }: ActionOf<"ban add">,
): Promise<Report> {
  const ok = await session.request({ type: "ban", ...banned, room, for_ms: forMs, reason });
  const until = forMs === undefined ? "until that is removed" : `for ${formatPeriod(forMs)}`;
  return {
    objects: [withoutRequestId(ok)],
    notes: [`${nameOf(banned)} is banned ${whereOf(room)} ${until}`],
  };
}

export async function removeBan(
  session: Session,
  { banned, room }: ActionOf<"ban remove">,
): Promise<Report> {
  const ok = await session.request({ type: "unban", ...banned, room });
  const notes = [`${nameOf(banned)} is banned ${whereOf(room)} no longer`];
  return { objects: [withoutRequestId(ok)], notes };
}

export async function setPanic(session: Session, { on }: ActionOf<"panic">): Promise<Report> {
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
