// The slash commands, a row each, and what a typed line does: it becomes a message to send, a request whose
// reply is shown, or a hint to the person. Knows neither terminal nor connection.

import { isRoomRef } from "../../wire/room_ref.ts";
import { failure } from "../../terminal/view_lines.ts";
import { othersInquiryOf } from "../state/desk/inquiry_facts.ts";
import { DESK_COMMANDS } from "./desk_commands.ts";
import { WORK_COMMANDS } from "./desk/work_commands.ts";
import { checkSendable, type LineTarget, parseText } from "./line_target.ts";
import { noArgument, row, SlashError, type SlashTable } from "./slash_table.ts";

const HISTORY_COUNT = 20;
const HISTORY_MOST = 100;

const NO_ROOM = "You are in no room: /join ROOM enters one";

/** The last line of /help. */
export const HELP_FOOTER: readonly string[] = ["//TEXT  send a text that begins with a slash"];

/** The commands of every line. */
export const COMMANDS = {
  join: row<string, LineTarget>({
    usage: "ROOM",
    description: "enter a room and speak there from now on",
    aliases: ["j"],
    parse: parseRoomName,
    run: (room, { loop }) => loop.ask({ type: "join", room }),
  }),
  create: row<NewRoom, LineTarget>({
    usage: "ROOM [private]",
    description: "create a room and enter it",
    details: ["A private room is hidden from all but its members: /add USER adds one."],
    parse: parseNewRoom,
    run: (room, { loop }) => loop.ask({ type: "join", ...room, create: true }),
  }),
  leave: row<string, LineTarget>({
    usage: "[ROOM]",
    description: "leave this room, or another one",
    aliases: ["part"],
    parse: parseOptionalRoom,
    run: (named, target) => {
      const room = roomOf(named, target);
      target.loop.ask({ type: "leave", room });
    },
  }),
  rooms: row<true, LineTarget>({
    usage: "",
    description: "list the rooms",
    aliases: ["list"],
    parse: noArgument,
    run: (_, { loop }) => loop.ask({ type: "rooms" }),
  }),
  who: row<string, LineTarget>({
    usage: "[ROOM]",
    description: "list the members of this room, or of another one",
    aliases: ["names", "members"],
    parse: parseOptionalRoom,
    run: (named, target) => {
      const room = roomOf(named, target);
      target.loop.ask({ type: "members", room });
    },
  }),
  history: row<number, LineTarget>({
    usage: "[COUNT]",
    description: `show older messages of this room, ${HISTORY_COUNT} by default`,
    parse: parseHistoryCount,
    run: (limit, target) => {
      const room = currentOf(target);
      const before = target.loop.conversation.logs.get(room)?.oldest;
      target.loop.ask({ type: "history", room, limit, before });
    },
  }),
  ask: row<string, LineTarget>({
    usage: "TEXT",
    description: "ask the desk; the answer comes here",
    parse: parseText,
    run: (text, target) => {
      checkSendable(text, target);
      target.sender.ask(text);
    },
  }),
  ...DESK_COMMANDS,
  ...WORK_COMMANDS,
  quit: row<true, LineTarget>({
    usage: "",
    description: "leave the program; you stay a member of your rooms",
    aliases: ["exit", "q"],
    parse: noArgument,
    run: (_, target) => target.leave(),
  }),
};

/**
 * Does what the line asks for. A text is sent as typed to the current room; `//` at its start stands
 * for one slash.
 */
export function enterLine<T extends LineTarget>(
  line: string,
  { table, target, refusal = NO_ROOM }: {
    readonly table: SlashTable<T>;
    readonly target: T;
    /** Shown for a text while no room is entered. */
    readonly refusal?: string | undefined;
  },
): void {
  if (line.trim() === "") return;
  const isCommand = line.startsWith("/") && !line.startsWith("//");
  if (isCommand) return table.run(line, target);
  try {
    const text = line.startsWith("//") ? line.slice(1) : line;
    const room = addresseeOf(target, refusal);
    checkSendable(text, target);
    const inquiry = othersInquiryOf(target.loop.conversation, room);
    if (inquiry === undefined) return target.sender.send(room, text);
    const to = target.loop.conversation.asked.get(inquiry);
    target.sender.answer(inquiry, { content: text, to });
  } catch (error) {
    if (!(error instanceof SlashError)) throw error;
    target.show([failure(error.message)]);
  }
}

/** A room as people write it, with or without the leading `#`. @throws {SlashError} */
function parseRoomName(argument: string): string | undefined {
  if (argument === "") return undefined;
  const room = argument.replace(/^#/, "");
  if (isRoomRef(room)) return room;
  const rule = "a room's name is letters, digits, - and _, like #ops";
  throw new SlashError(`"${argument}" cannot be a room's name: ${rule}`);
}

interface NewRoom {
  readonly room: string;
  readonly private?: true;
}

function parseNewRoom(argument: string): NewRoom | undefined {
  const [name = "", kind, ...rest] = argument.split(/\s+/);
  const room = parseRoomName(name);
  if (room === undefined || rest.length > 0) return undefined;
  if (kind === undefined) return { room };
  return kind === "private" ? { room, private: true } : undefined;
}

/** Empty for the current room. @throws {SlashError} */
function parseOptionalRoom(argument: string): string | undefined {
  return argument === "" ? "" : parseRoomName(argument);
}

function parseHistoryCount(argument: string): number | undefined {
  if (argument === "") return HISTORY_COUNT;
  const count = Number(argument);
  if (/^\d+$/.test(argument) && count >= 1 && count <= HISTORY_MOST) return count;
  throw new SlashError(`/history takes a number from 1 to ${HISTORY_MOST}`);
}

/** The room that was named, else the current one. @throws {SlashError} when there is none */
export function roomOf(named: string, target: LineTarget): string {
  return named === "" ? currentOf(target, "You are in no room: name one") : named;
}

/**
 * The room for which a text is: where the person goes, else where they are.
 * @throws {SlashError} `refusal`, when there is none; another when it is not known yet
 */
export function addresseeOf(target: LineTarget, refusal = NO_ROOM): string {
  const { heading } = target.loop;
  if (heading === undefined) return currentOf(target, refusal);
  if (heading.room !== undefined) return heading.room;
  throw new SlashError("Nothing was sent: which room you are going to is not known yet");
}

/** The current room. @throws {SlashError} `refusal`, when no room is entered */
export function currentOf({ loop, awaitedRoom }: LineTarget, refusal = NO_ROOM): string {
  const { current = awaitedRoom?.() } = loop.conversation;
  if (current === undefined) throw new SlashError(refusal);
  return current;
}
