// The wording of moderation: standings, removals, bans, the log of acts. Pure.

import type { BanSummary, LoggedAct } from "../../wire/frames/moderation.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { formatRoom } from "../../terminal/view_lines.ts";

/** ` until 2026-11-28 12:00 UTC`; empty without an end. */
function until(time: number | undefined): string {
  return time === undefined ? "" : ` until ${formatTime(time)}`;
}

function formatTime(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "a later time";
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function why(reason: string | undefined): string {
  return reason === undefined ? "" : `: ${reason}`;
}

/** `bob is muted in #ops until 2026-11-28 12:00 UTC, by ann: spam`. */
export function describeStandingOf(
  { from, standing, room, until: ends, by, reason }: ServerFrame<"standing">,
): string {
  const what = { owner: "an owner of", moderator: "a moderator of", member: "a member of" };
  const is = standing === "muted" ? "muted in" : what[standing];
  return `${from} is ${is} ${formatRoom(room)}${until(ends)}, by ${by}${why(reason)}`;
}

/** `bob was removed from #ops by ann: spam`. */
export function describeRemoval(
  { from, room, code, by = "a moderator", reason }: ServerFrame<"left">,
  { isOwn }: { isOwn: boolean },
): string {
  const what = code === "banned" ? "banned" : "removed";
  const user = isOwn ? "You were" : `${from} was`;
  return `${user} ${what} from ${formatRoom(room)} by ${by}${why(reason)}`;
}

/** `bob, banned by ann on 2026-11-28 12:00 UTC: spam`. */
export function describeBan({ name, network, by, time, until: ends, reason }: BanSummary): string {
  const subject = name ?? network ?? "a user";
  return `${subject}, banned by ${by} on ${formatTime(time)}${until(ends)}${why(reason)}`;
}

/** `2026-11-28 12:00 UTC · ann banned bob from #ops: spam`. */
export function describeAct(logged: LoggedAct): string {
  const { time, from, until: ends, reason } = logged;
  return `${formatTime(time)} · ${from} ${describeDeed(logged)}${until(ends)}${why(reason)}`;
}

function describeDeed({ act, room, name, network, detail }: LoggedAct): string {
  const subject = name ?? network ?? "a user";
  const where = room === undefined ? "the server" : formatRoom(room);
  switch (act) {
    case "standing":
      return `set ${subject} in ${where} to ${detail}`;
    case "kick":
      return `removed ${subject} from ${where}`;
    case "ban":
      return `banned ${subject} from ${where}`;
    case "unban":
      return `ended the ban of ${subject} from ${where}`;
    case "panic":
      return detail === "on" ? "closed the server to guests" : "opened the server to guests";
    case "add":
      return `added ${subject} to ${where}`;
    case "topic":
      return `set the topic of ${where}`;
    case "account":
      return `changed the account ${subject}${detail === undefined ? "" : ` (${detail})`}`;
  }
}
