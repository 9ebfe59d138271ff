// The commands of the line, a row each, and what a typed line does: it becomes a message on its way,
// a request whose reply is shown, or a hint to the person who typed it. Knows neither terminal nor
// connection.

import { ChatError } from "../../wire/errors.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { checkText } from "../../wire/text.ts";
import { isRoomRef, parseInquiry } from "../../wire/room_ref.ts";
import { failure } from "../../terminal/view_lines.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import type { Sender } from "../outbox/sender.ts";
import { QUEUE } from "../state/desk_frames.ts";
import { hasRoleOf } from "./visibility.ts";
import { noArgument, row, SlashError, type SlashTable, type SlashTarget } from "./slash_table.ts";

/** What a line acts on. */
export interface LineTarget extends SlashTarget {
  readonly loop: Pick<ConversationLoop, "ask" | "conversation" | "session">;
  readonly sender: Pick<Sender, "send" | "ask" | "answer" | "hasOwner">;
  /** The person wants to leave. */
  leave(): void;
  /** Asks for secrets in place of the line; undefined when nothing is answered. */
  readonly askSecrets: (questions: readonly string[]) => Promise<readonly string[] | undefined>;
}

const HISTORY_COUNT = 20;
const HISTORY_MOST = 100;

const NO_ROOM = "You are in no room: /join ROOM enters one";

const isOperator = hasRoleOf("operator");

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
  queue: row<true, LineTarget>({
    usage: "",
    description: "for operators: list the inquiries without an answer",
    isShown: isOperator,
    parse: noArgument,
    run: (_, { loop }) => loop.ask(QUEUE),
  }),
  answer: row<AnswerTarget, LineTarget>({
    usage: "NUMBER TEXT",
    description: "for operators: answer an inquiry",
    isShown: isOperator,
    aliases: ["a"],
    parse: parseAnswer,
    run: ({ inquiry, content }, target) => {
      checkSendable(content, target);
      // The question shown last is meant, whatever is asked until the answer arrives.
      const to = target.loop.conversation.asked.get(inquiry);
      target.sender.answer(inquiry, { content, to });
    },
  }),
  quit: row<true, LineTarget>({
    usage: "",
    description: "leave the program; you stay a member of your rooms",
    aliases: ["exit", "q"],
    parse: noArgument,
    run: (_, target) => target.leave(),
  }),
};

/** For operators only: the console's, too. */
export const SHOW = row<number, LineTarget>({
  usage: "NUMBER",
  description: "show the messages of an inquiry",
  parse: parseInquiry,
  run: (inquiry, { loop }) =>
    loop.ask({ type: "history", room: `?${inquiry}`, limit: HISTORY_COUNT }),
});

interface AnswerTarget {
  readonly inquiry: number;
  readonly content: string;
}

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
    const room = currentOf(target, refusal);
    checkSendable(text, target);
    target.sender.send(room, text);
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
  throw new SlashError(`No room can be called "${argument}": ${rule}`);
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

export function parseText(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function parseAnswer(argument: string): AnswerTarget | undefined {
  const [, number = "", content = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  return inquiry === undefined ? undefined : { inquiry, content };
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

/** @throws {SlashError} `refusal`, when no room is entered */
function currentOf({ loop }: LineTarget, refusal = NO_ROOM): string {
  const { current } = loop.conversation;
  if (current === undefined) throw new SlashError(refusal);
  return current;
}

/** @throws {SlashError} when it is not known yet who sends it, or no server would take the text */
export function checkSendable(text: string, { loop, sender }: LineTarget): void {
  if (!sender.hasOwner) throw new SlashError("not sent: you are not connected yet");
  const most = loop.session?.welcome.limits.content ?? DEFAULT_LIMITS.content;
  try {
    checkText(text, { ...DEFAULT_LIMITS, content: most });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new SlashError(`not sent: ${error.message}`);
  }
}
