// The wording of users, their devices, and codes. Pure.

import { formatClock, formatDay } from "../../terminal/layout.ts";
import { countOf, formatRoom } from "../../terminal/view_lines.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { TokenSummary } from "../../wire/frames/credentials.ts";

/** `ada (operator) · here · since 2026-11-28 · with you in #ops`. */
export function describeUser(
  { name, role, bot, since, here, rooms }: ServerFrame<"whois">,
): string {
  const parts = [`${name} (${bot ? "bot" : role})`, here ? "here" : "away"];
  if (since !== undefined) parts.push(`since ${formatDay(since)}`);
  if (rooms.length > 0) parts.push(`with you in ${rooms.map(formatRoom).join(", ")}`);
  return parts.join(" · ");
}

/** `12 · build server · parley/0.1.0 · used 2026-11-28 11:15 · may send:ops`. */
export function describeToken(token: TokenSummary): string {
  const parts = [`${token.token}`];
  if (token.label !== "") parts.push(token.label);
  if (token.client !== "") parts.push(token.client);
  parts.push(
    token.own ? "this device" : token.here ? "here now" : `used ${formatTime(token.used)}`,
  );
  if (token.scopes !== undefined) parts.push(`may ${token.scopes.join(", ")}`);
  return parts.join(" · ");
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

/** What a person passes on: the string that joins, or `K7QD-9FX2-TB4M-8WZR`, which is read out easily. */
export function formatCode({ code = "", join }: ServerFrame<"code">): string {
  return join ?? code.replaceAll(/(.{4})(?=.)/g, "$1-");
}

/** `2026-11-28 11:15`, in local time. */
export function formatTime(utcMs: number): string {
  return `${formatDay(utcMs)} ${formatClock(utcMs)}`;
}
