// The tables of accounts, tokens, codes and bans. Pure.

import { formatClock, formatDay } from "../terminal/layout.ts";
import { formatTable } from "./table.ts";
import { countOf, formatRoom } from "../terminal/view_lines.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { CodeSummary, TokenSummary } from "../wire/frames/credentials.ts";
import type { BanSummary, LoggedAct } from "../wire/frames/moderation.ts";

export function formatTokens(tokens: readonly TokenSummary[]): string {
  const rows = tokens.map((token) => ({
    id: `${token.token}`,
    label: token.label,
    client: token.client,
    created: formatTime(token.created),
    used: token.own ? "this one" : token.here ? "now" : formatTime(token.used),
    until: formatTime(token.expires),
    scopes: token.scopes?.join(",") ?? "all",
  }));
  return formatTable(["id", "label", "client", "created", "used", "until", "scopes"], rows);
}

export function formatCodes(codes: readonly CodeSummary[]): string {
  const rows = codes.map(({ id, kind, user, role, rooms = [], uses, expires, from }) => ({
    id: `${id}`,
    kind,
    for: user ?? role,
    rooms: rooms.map(formatRoom).join(","),
    uses: `${uses}`,
    until: formatTime(expires),
    by: from,
  }));
  return formatTable(["id", "kind", "for", "rooms", "uses", "until", "by"], rows);
}

export function formatBans(bans: readonly BanSummary[]): string {
  const rows = bans.map(({ ban, network, name, time, until, by, reason }) => ({
    ban: `${ban}`,
    who: network ?? name,
    since: formatTime(time),
    until: formatTime(until),
    by,
    reason,
  }));
  return formatTable(["ban", "who", "since", "until", "by", "reason"], rows);
}

export function formatActs(entries: readonly LoggedAct[]): string {
  const rows = entries.map(({ time, from, act, detail, room, name, network, until, reason }) => ({
    time: formatTime(time),
    by: from,
    act: detail === undefined ? act : `${act} ${detail}`,
    who: network ?? name,
    room: room === undefined ? undefined : formatRoom(room),
    until: formatTime(until),
    reason,
  }));
  return formatTable(["time", "by", "act", "who", "room", "until", "reason"], rows);
}

/** `Code 12 makes 8 member accounts in #lobby, #ops, until 2026-12-05 11:15`. */
export function describeCode(code: ServerFrame<"code">): string {
  const { id, kind, user, role = "member", rooms = [], uses, expires } = code;
  const does = {
    join: `makes ${countOf(uses, `${role} account`)}`,
    reset: `sets a new password for ${user}`,
    device: `logs ${user ?? "you"} in on a further device`,
  };
  const places = rooms.length === 0 ? "" : ` in ${rooms.map(formatRoom).join(", ")}`;
  return `Code ${id} ${does[kind]}${places}, until ${formatTime(expires)}`;
}

/** `2026-11-28 11:15`, in local time; empty when there is none. */
export function formatTime(utcMs: number | undefined): string {
  return utcMs === undefined ? "" : `${formatDay(utcMs)} ${formatClock(utcMs)}`;
}
