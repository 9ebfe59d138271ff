// The tables of accounts, tokens, codes and bans. Pure.

import { formatTime as formatClientTime } from "../client/output/people_wording.ts";
import { formatTable } from "../terminal/table.ts";
import { formatRoom } from "../terminal/view_lines.ts";
import type { AccountSummary } from "../wire/frames/people.ts";
import type { CodeSummary, TokenSummary } from "../wire/frames/credentials.ts";
import type { BanSummary, LoggedAct } from "../wire/frames/moderation.ts";

export function formatAccounts(accounts: readonly AccountSummary[]): string {
  const rows = accounts.map(({ name, role, bot, state, password, created }) => ({
    name,
    role: bot ? "bot" : role,
    state,
    password: password ? "yes" : "no",
    // An older version has not kept it.
    created: created === 0 ? "" : formatTime(created),
  }));
  return formatTable(["name", "role", "state", "password", "created"], rows);
}

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

/** `2026-11-28 11:15`, in local time; empty when there is none. */
export function formatTime(utcMs: number | undefined): string {
  return utcMs === undefined ? "" : formatClientTime(utcMs);
}
