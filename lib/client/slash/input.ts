// A typed line becomes an intent. One table of commands is parsed here, printed by /help and later
// completed from; what looks like a command but is none is never sent as text. Pure.

import { SlashCommands } from "../../terminal/slash_commands.ts";
import { parseInquiry } from "../state/inquiry_room.ts";
import { isRoomRef } from "../../wire/text.ts";

/** What a person wants by the line they typed. */
export type Intent =
  | { readonly kind: "nothing" }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "help"; readonly lines: readonly string[] }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "create"; readonly room: string }
  | { readonly kind: "leave"; readonly room?: string }
  | { readonly kind: "rooms" }
  | { readonly kind: "who"; readonly room?: string }
  | { readonly kind: "history"; readonly count: number }
  | { readonly kind: "ask"; readonly text: string }
  | { readonly kind: "queue" }
  | { readonly kind: "answer"; readonly inquiry: number; readonly text: string }
  | { readonly kind: "quit" }
  /** The line was understood to be wrong; nothing is sent. */
  | { readonly kind: "problem"; readonly message: string };

const HISTORY_COUNT = 20;
const HISTORY_MOST = 100;

const COMMANDS: SlashCommands<Intent> = new SlashCommands<Intent>({
  help: {
    takes: "[COMMAND]",
    says: "this list, or what one command does",
    also: ["?"],
    parse: (argument) => help(argument),
  },
  join: {
    takes: "ROOM",
    says: "enter a room and speak there from now on",
    also: ["j"],
    parse: (argument) => withRoom("join", argument),
  },
  create: {
    takes: "ROOM",
    says: "make a room and enter it",
    parse: (argument) => withRoom("create", argument),
  },
  leave: {
    takes: "[ROOM]",
    says: "leave this room, or another one",
    also: ["part"],
    parse: (argument) => argument === "" ? { kind: "leave" } : withRoom("leave", argument),
  },
  rooms: {
    takes: "",
    says: "the rooms there are",
    also: ["list"],
    parse: (argument) => argument === "" ? { kind: "rooms" } : takesNothing("rooms"),
  },
  who: {
    takes: "[ROOM]",
    says: "who belongs to this room, or another one",
    also: ["names", "members"],
    parse: (argument) => argument === "" ? { kind: "who" } : withRoom("who", argument),
  },
  history: {
    takes: "[COUNT]",
    says: `older messages of this room, ${HISTORY_COUNT} unless said`,
    parse: (argument) => history(argument),
  },
  ask: {
    takes: "TEXT",
    says: "ask the desk; the answer comes here, /join ?NUMBER says more",
    parse: (text) => {
      if (text !== "") return { kind: "ask", text };
      return { kind: "problem", message: `/ask needs a question: ${COMMANDS.usage("ask")}` };
    },
  },
  queue: {
    takes: "",
    says: "for operators: who waits for an answer, the longest waiting first",
    parse: (argument) => argument === "" ? { kind: "queue" } : takesNothing("queue"),
  },
  answer: {
    takes: "NUMBER TEXT",
    says: "for operators: answer an inquiry",
    also: ["a"],
    parse: (argument) => answer(argument),
  },
  quit: {
    takes: "",
    says: "leave the program; the rooms stay yours",
    also: ["exit", "q"],
    parse: (argument) => argument === "" ? { kind: "quit" } : takesNothing("quit"),
  },
});

/** What the line asks for. Text is given back as typed; `//` at its start stands for one slash. */
export function parseInput(line: string): Intent {
  if (line.trim() === "") return { kind: "nothing" };
  if (!line.startsWith("/")) return { kind: "say", text: line };
  if (line.startsWith("//")) return { kind: "say", text: line.slice(1) };
  const parsed = COMMANDS.parse(line);
  if (parsed.kind === "intent") return parsed.intent;
  return { kind: "problem", message: withoutSlash(parsed.message) };
}

/** The names of all commands, as typed after the slash. */
export function commandNames(): readonly string[] {
  return COMMANDS.names;
}

function help(argument: string): Intent {
  const lines = COMMANDS.help(argument);
  if (lines === undefined) {
    const message = COMMANDS.describeUnknown(argument.replace(/^\//, ""));
    return { kind: "problem", message: withoutSlash(message) };
  }
  if (argument !== "") return { kind: "help", lines };
  return { kind: "help", lines: [...lines, "//TEXT  say a text that begins with a slash"] };
}

function withoutSlash(message: string): string {
  return `${message} (to send it as text, begin with //)`;
}

function withRoom(kind: "join" | "create" | "leave" | "who", argument: string): Intent {
  const room = parseRoom(argument);
  if (room !== undefined) return { kind, room };
  const wanted = "a room's name is letters, digits, - and _, like #ops";
  const message = argument === ""
    ? `/${kind} needs a room: ${COMMANDS.usage(kind)}`
    : `No room can be called "${argument}": ${wanted}`;
  return { kind: "problem", message };
}

/** A room as people write it, with or without the leading `#`; undefined when it can be none. */
export function parseRoom(argument: string): string | undefined {
  const room = argument.replace(/^#/, "");
  return isRoomRef(room) ? room : undefined;
}

function answer(argument: string): Intent {
  const [, number = "", text = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  if (inquiry !== undefined) return { kind: "answer", inquiry, text };
  const message = `/answer needs an inquiry and a text: ${COMMANDS.usage("answer")}`;
  return { kind: "problem", message };
}

function takesNothing(name: string): Intent {
  return { kind: "problem", message: `/${name} takes nothing after it` };
}

function history(argument: string): Intent {
  if (argument === "") return { kind: "history", count: HISTORY_COUNT };
  const count = Number(argument);
  if (/^\d+$/.test(argument) && count >= 1 && count <= HISTORY_MOST) {
    return { kind: "history", count };
  }
  return { kind: "problem", message: `/history takes a number from 1 to ${HISTORY_MOST}` };
}
