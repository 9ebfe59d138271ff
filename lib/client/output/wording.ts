// Every sentence of the client about rooms, the desk and the connection. A sentence names what was typed,
// what was wrong and what to do; never a code of the protocol. Pure.

import { notesOf } from "../../wire/room_ref.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import type { DecisionTerms, RoomEvent } from "../../wire/event.ts";
import type { ClientFrame, ServerFrame, ServerFrames } from "../../wire/frame.ts";
import type { MemberSummary } from "../../wire/frames/rooms.ts";
import type { InquirySummary, Resumed, RoomSummary } from "../../wire/summaries.ts";
import { formatClock } from "../../terminal/layout.ts";
import { formatWait } from "./durations.ts";
import { describeRemoval } from "./moderation_wording.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../../terminal/view_lines.ts";

const MINUTE_MS = 60_000;

/** The user that was asked for. */
interface RequestedUser {
  readonly name: string;
  /** Whether its token had expired, so that the user is a new one. */
  readonly isNew: boolean;
  /** Why its token is not kept, if it is not. */
  readonly trouble?: string | undefined;
}

/** How the user differs from the requested one; nothing when it is the same. */
export function describeDifference(
  { you }: ServerFrame<"welcome">,
  requested: RequestedUser,
): readonly Line[] {
  const lines: Line[] = [];
  if (requested.isNew) {
    lines.push(notice(`Your token for ${requested.name} has expired: you are a new guest`));
  }
  if (you !== null && you.name.toLowerCase() !== requested.name.toLowerCase()) {
    lines.push(notice(`The name ${requested.name} is taken: you are ${you.name}`));
  }
  return lines;
}

/** Who the user is, on which server, and in which rooms besides the one that is entered now. */
export function describeWelcome(
  welcome: ServerFrame<"welcome">,
  { server, requested, room }: {
    readonly server: string;
    readonly requested: RequestedUser;
    readonly room?: string | undefined;
  },
): readonly Line[] {
  const { you, rooms } = welcome;
  const user = `You are ${you?.name ?? requested.name} (${you?.role ?? "guest"}) on ${server}`;
  const lines = [
    notice(`${user} · /help lists the commands`),
    ...describeDifference(welcome, requested),
  ];
  if (requested.trouble !== undefined) {
    lines.push(failure(`${requested.trouble}; you cannot come back as the same guest`));
  }
  const others = rooms.filter((other) => other.room !== room).map(({ room, unread = 0 }) => {
    return unread === 0 ? formatRoom(room) : `${formatRoom(room)} (${unread} unread)`;
  });
  if (others.length > 0) lines.push(notice(`You are also in ${others.join(", ")}`));
  return lines;
}

/** `#ops · private · 3 members · what it is about`. */
export function describeEntered(
  { room, kind, topic = "", count }: Pick<RoomSummary, "room" | "kind" | "topic" | "count">,
): string {
  const parts = [formatRoom(room)];
  if (kind === "private") parts.push(kind);
  if (count !== undefined) parts.push(countOf(count, "member"));
  if (topic !== "") parts.push(topic);
  return parts.join(" · ");
}

/** `#ops · private · 3 members · joined · 2 unread · what it is about`. */
export function describeRoom(room: RoomSummary): string {
  const parts = [formatRoom(room.room)];
  if (room.kind === "private") parts.push(room.kind);
  if (room.count !== undefined) parts.push(countOf(room.count, "member"));
  if (room.joined === true) parts.push("joined");
  if (room.unread !== undefined && room.unread > 0) parts.push(`${room.unread} unread`);
  if (room.topic !== undefined && room.topic !== "") parts.push(room.topic);
  return parts.join(" · ");
}

/** `#lobby · 3 here of 10`. */
export function describeHere(
  { room, members }: { readonly room: string; readonly members: readonly MemberSummary[] },
): string {
  const here = members.filter((member) => member.here).length;
  return `${formatRoom(room)} · ${here} here of ${members.length}`;
}

/** The members who are here and the members who are away: a line each, unless there are none. */
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

/** `ann added you to #secret: /join secret enters it`. */
export function describeAdded({ from, room }: ServerFrame<"added">): string {
  return `${from} added you to ${formatRoom(room)}: /join ${room} enters it`;
}

export function describePresence(frame: ServerFrame<"joined" | "left">): string {
  const { type, from, room } = frame;
  if (type === "left" && frame.code !== undefined) return describeRemoval(frame, { isOwn: false });
  return `${from} ${type} ${formatRoom(room)}`;
}

/** A room that is followed from now on because of another terminal of the same person. */
export function describeFollowed(
  room: string,
  { current, when, isInquiry }: {
    readonly current: string;
    readonly when: "meanwhile" | "in another terminal";
    readonly isInquiry: boolean;
  },
): string {
  if (isInquiry) return `You asked ${room} ${when}`;
  const hint = current === room ? "" : `; /join ${room} speaks there`;
  if (room.startsWith("@")) return `A conversation with ${room.slice(1)} began ${when}${hint}`;
  return `You joined ${formatRoom(room)} ${when}${hint}`;
}

export function describeLeft(room: string, inAnotherTerminal: boolean): string {
  return `You left ${formatRoom(room)}${inAnotherTerminal ? " in another terminal" : ""}`;
}

/** Messages that the server does not give, `from` and `to` included. */
export function describeMissing(
  room: string,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const which = from === to ? `message ${from} is` : `messages ${from}–${to} are`;
  return `${formatRoom(room)}: ${which} missing`;
}

/** Messages that were missed and are not replayed. */
export function describeGap(
  { room, missed, reason }: Extract<Resumed, { recovered: false }>,
  then: string,
): string {
  const kept = reason === "retention" ? "; the oldest of them are no longer kept" : "";
  return `${missed} missed in ${formatRoom(room)}${kept}; ${then}`;
}

/** A room that the server does not let this user read, or that is gone. */
export function describeUnreadable(room: string, code: ErrorCode): string {
  const name = formatRoom(room);
  if (code === "no_such_room") return `There is no room ${name}`;
  return `You cannot read ${name}: the server does not allow it`;
}

/** Why a request was refused, in the words of the line. */
export function describeRefusal(
  { code, message, event }: ServerFrame<"error">,
  request: ClientFrame | undefined,
): string {
  if (event?.type === "decision") return describeEarlier(event);
  if (request?.type === "password" && code === "bad_field") {
    return "You have a password: /password asks for it first. Nothing was changed";
  }
  if (request?.type === "history" && code === "no_such_inquiry") {
    const inquiry = notesOf(request.room);
    if (inquiry !== undefined) return `No notes about ?${inquiry}`;
  }
  if (request?.type === "queue" && code === "forbidden") return "/queue is for operators only";
  if (request?.type === "join" && code === "no_such_room") {
    const { room } = request;
    return `There is no room ${formatRoom(room)}: /create ${room} creates it, /rooms lists all`;
  }
  return message;
}

/** The decision that was there before, at a time of the person's clock. */
function describeEarlier({ room, from, choice, time, state }: RoomEvent): string {
  const when = formatClock(time);
  return state === "pending"
    ? `You chose "${choice}" for ${room} at ${when}: another operator must choose it, too`
    : `${from} decided ${room} at ${when}: ${choice}`;
}

/** `bob answered ?42 at 14:05: Go ahead`. */
export function describeAnswer({ room, from, time, content }: RoomEvent): string {
  return `${from} answered ${room} at ${formatClock(time)}: ${content}`;
}

/** `Asked as ?42 · 3rd in the queue · usually answered in about 6 min`. */
export function describeStanding(
  { room = "?", position, expected_ms: expectedMs, operators, expires }: ServerFrames["ok"],
): string {
  const parts = [`Asked as ${room}`];
  if (position !== undefined) {
    parts.push(position === 1 ? "next in the queue" : `${ordinal(position)} in the queue`);
  }
  if (expectedMs !== undefined) {
    const time = expectedMs < MINUTE_MS ? "less than a minute" : `about ${formatWait(expectedMs)}`;
    parts.push(`usually answered in ${time}`);
  }
  if (operators === 0) parts.push("nobody is at the desk now: it is kept");
  if (expires !== undefined) parts.push(`closes at ${formatClock(expires)}`);
  return parts.join(" · ");
}

/** `/approve 43 or /deny 43 decides it · needs 2 operators · closes at 14:05`. */
export function describeTerms(
  inquiry: number,
  { choices, needs = 1, expires }: DecisionTerms,
): string {
  const isApproval = choices.join(" ") === "approve deny";
  const how = isApproval
    ? `/approve ${inquiry} or /deny ${inquiry}`
    : `/decide ${inquiry} ${choices.join("|")}`;
  const parts = [`${how} decides it`];
  if (needs > 1) parts.push(`needs ${needs} operators`);
  if (expires !== undefined) parts.push(`closes at ${formatClock(expires)}`);
  return parts.join(" · ");
}

function ordinal(number: number): string {
  const tens = number % 100;
  const endings: Readonly<Record<number, string>> = { 1: "st", 2: "nd", 3: "rd" };
  const ending = tens >= 11 && tens <= 13 ? undefined : endings[number % 10];
  return `${number}${ending ?? "th"}`;
}

export const OPEN_INQUIRIES = "There are open inquiries: /queue lists them";
export const NO_OPEN_INQUIRIES = "No open inquiries";
export const ASKER_GONE = "Nobody will read the answer: the asker has gone and cannot come back";

/** `2 open inquiries, the oldest first`. */
export function describeQueue(inquiries: readonly InquirySummary[]): string {
  const { length } = inquiries;
  return length === 1 ? "1 open inquiry" : `${length} open inquiries, the oldest first`;
}
