// The commands of the line that moderate a room or the server. The server decides who may; /help shows them
// to admins, and to owners and moderators of the current room.

import { isIP } from "node:net";
import { findPeriodMs } from "../../config/people/duration.ts";
import { formatRoom, notice } from "../../terminal/view_lines.ts";
import { type Standing, STANDINGS } from "../../wire/frames/moderation.ts";
import { isRoomName } from "../../wire/room_ref.ts";
import { isAccountName } from "../../wire/text.ts";
import { formatPeriod } from "../output/durations.ts";
import { roomOf } from "./commands.ts";
import type { LineTarget } from "./line_target.ts";
import { parseUser } from "./people_commands.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";
import { hasRoleOf, isModerator, isModeratorOrOperator } from "./visibility.ts";

/** Where: a named room, the current room (empty), or the whole server (undefined). */
type Where = string | undefined;

interface Act {
  readonly where: Where;
  readonly target: Target;
  readonly forMs?: number | undefined;
  readonly reason?: string | undefined;
}

type Target = { readonly user: string } | { readonly network: string };

const WHERE =
  "In the current room; #ROOM before USER names another one, and server the whole server.";
const TIME = "TIME is like 30m, 12h or 7d; without it there is no end.";

export const MODERATION_COMMANDS = {
  topic: row<string, LineTarget>({
    usage: "TEXT",
    description: "set the topic of this room; - removes it",
    isShown: isModeratorOrOperator,
    parse: (text) => text === "" ? undefined : text,
    run: (text, target) => {
      const room = roomOf("", target);
      const topic = text === "-" ? "" : text;
      // The topic is an event of the room: it is shown as it arrives.
      request(target, { type: "topic", room, topic }, () => []);
    },
  }),
  kick: row<Act, LineTarget>({
    usage: "USER [WHY]",
    description: "end a membership of this room",
    details: [WHERE],
    isShown: isModerator,
    parse: (argument) => parseAct(argument, { hasTime: false }),
    run: ({ where, target: whom, reason }, target) => {
      const room = placeOf(where, target);
      const from = room === undefined ? "this server" : formatRoom(room);
      const done = [notice(`${nameOf(whom)} was removed from ${from}`)];
      // In a room that is followed, everybody is shown it as it happens.
      const isShown = room !== undefined && target.loop.conversation.logs.has(room);
      request(target, { type: "kick", room, ...whom, reason }, () => isShown ? [] : done);
    },
  }),
  mute: row<Act, LineTarget>({
    usage: "USER [TIME] [WHY]",
    description: "let a user read and not write here",
    details: [TIME],
    isShown: isModerator,
    parse: (argument) => parseAct(argument, { hasTime: true }),
    run: (act, target) => setStanding(act, { standing: "muted", target }),
  }),
  unmute: row<Act, LineTarget>({
    usage: "USER",
    description: "let a user write here again",
    isShown: isModerator,
    parse: (argument) => parseAct(argument, { hasTime: false }),
    run: (act, target) => setStanding(act, { standing: "member", target }),
  }),
  standing: row<{ user: string; standing: Standing }, LineTarget>({
    usage: "USER STANDING",
    description: `make a user here ${STANDINGS.slice(0, -1).join(", ")}`,
    isShown: isModerator,
    parse: parseStanding,
    run: ({ user, standing }, target) => {
      setStanding({ where: "", target: { user } }, { standing, target });
    },
  }),
  ban: row<Act, LineTarget>({
    usage: "USER [TIME] [WHY]",
    description: "keep an account or a network out of this room",
    details: [WHERE, TIME, "USER may be an address or a network, like 203.0.113.0/24."],
    isShown: isModerator,
    parse: (argument) => parseAct(argument, { hasTime: true }),
    run: ({ where, target: whom, forMs, reason }, target) => {
      const room = placeOf(where, target);
      const until = forMs === undefined ? "until the ban is removed" : `for ${formatPeriod(forMs)}`;
      const done = [notice(`${nameOf(whom)} is banned ${describePlace(room)} ${until}`)];
      request(target, { type: "ban", room, ...whom, for_ms: forMs, reason }, () => done);
    },
  }),
  unban: row<Act, LineTarget>({
    usage: "USER [WHY]",
    description: "end a ban",
    details: [WHERE],
    isShown: isModerator,
    parse: (argument) => parseAct(argument, { hasTime: false }),
    run: ({ where, target: whom, reason }, target) => {
      const room = placeOf(where, target);
      const done = [notice(`${nameOf(whom)} is no longer banned ${describePlace(room)}`)];
      request(target, { type: "unban", room, ...whom, reason }, () => done);
    },
  }),
  bans: row<Where | null, LineTarget>({
    usage: "[#ROOM|server]",
    description: "list the bans that hold here",
    isShown: isModerator,
    parse: parsePlace,
    run: (where, target) => {
      target.loop.ask({ type: "bans", room: placeOf(where ?? undefined, target) });
    },
  }),
  moderation: row<Where | null, LineTarget>({
    usage: "[#ROOM|server]",
    description: "who did what to whom here, and why",
    isShown: isModerator,
    parse: parsePlace,
    run: (where, target) => {
      target.loop.ask({ type: "moderation", room: placeOf(where ?? undefined, target) });
    },
  }),
  panic: row<{ readonly on: boolean }, LineTarget>({
    usage: "on|off",
    description: "close the server to guests and registration",
    details: ["While it is on, guests who are here cannot write, and accounts go on as before."],
    isShown: hasRoleOf("admin"),
    parse: (argument) => /^(on|off)$/.test(argument) ? { on: argument === "on" } : undefined,
    run: ({ on }, target) => {
      const done = [notice(on ? "Panic is on: no guests, no registration" : "Panic is off")];
      request(target, { type: "panic", on }, () => done);
    },
  }),
};

function setStanding(
  { where, target: whom, forMs, reason }: Act,
  { standing, target }: { readonly standing: Standing; readonly target: LineTarget },
): void {
  const room = placeOf(where, target);
  if (room === undefined) throw new SlashError("That is by room: name one, like #ops");
  if (!("user" in whom)) throw new SlashError("That is by account, not by network");
  // The event that follows is shown to the whole room, here too.
  const frame = { type: "standing" as const, room, ...whom, standing, for_ms: forMs, reason };
  request(target, frame, () => []);
}

/** `[#ROOM|server] USER|NETWORK [TIME] [WHY]`. @throws {SlashError} */
function parseAct(
  argument: string,
  { hasTime }: { readonly hasTime: boolean },
): Act | undefined {
  const words = argument.split(/\s+/).filter((word) => word !== "");
  const where = takePlace(words);
  const who = words.shift();
  if (who === undefined) return undefined;
  const forMs = hasTime ? findPeriodMs(words[0] ?? "") : undefined;
  if (forMs !== undefined) words.shift();
  const reason = words.length === 0 ? undefined : words.join(" ");
  return { where, target: parseTarget(who), forMs, reason };
}

/** The place that the first word names; it is taken off. Empty is the current room. */
function takePlace(words: string[]): Where {
  const [first = ""] = words;
  if (first === "server") {
    words.shift();
    return undefined;
  }
  if (!first.startsWith("#")) return "";
  words.shift();
  const room = first.slice(1);
  if (isRoomName(room)) return room;
  throw new SlashError(`"${room}" cannot be a room's name`);
}

/** Null for the whole server, so that it differs from an argument that does not fit. */
function parsePlace(argument: string): string | null | undefined {
  const words = argument === "" ? [] : argument.split(/\s+/);
  const where = takePlace(words);
  return words.length > 0 ? undefined : where ?? null;
}

function parseTarget(text: string): Target {
  if (isIP(text.split("/")[0] ?? "") !== 0) return { network: text };
  const user = text.replace(/^@/, "");
  if (isAccountName(user)) return { user };
  throw new SlashError(`"${text}" is neither a name nor an address`);
}

function parseStanding(argument: string): { user: string; standing: Standing } | undefined {
  const [who = "", word, ...rest] = argument.split(/\s+/);
  const user = parseUser(who);
  const standing = STANDINGS.find((known) => known === word);
  return user === undefined || standing === undefined || rest.length > 0
    ? undefined
    : { user, standing };
}

/** @throws {SlashError} when the current room is meant and there is none */
function placeOf(where: Where, target: LineTarget): string | undefined {
  if (where !== "") return where;
  if (target.loop.conversation.current !== undefined) return roomOf("", target);
  throw new SlashError("You are in no room: name it before the user, like #ops, or server");
}

function describePlace(room: string | undefined): string {
  return room === undefined ? "on this server" : `in ${formatRoom(room)}`;
}

function nameOf(target: Target): string {
  return "user" in target ? target.user : target.network;
}
