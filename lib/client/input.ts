// A typed line becomes an intent. One table of commands is parsed here, printed by /help and later
// completed from; what looks like a command but is none is never sent as text. Pure.

import { isRoomRef } from "../wire/text.ts";

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
  | { readonly kind: "quit" }
  /** The line was understood to be wrong; nothing is sent. */
  | { readonly kind: "problem"; readonly message: string };

interface CommandSpec {
  /** Its arguments, as /help shows them. */
  readonly takes: string;
  readonly says: string;
  readonly also?: readonly string[];
  parse(argument: string): Intent;
}

const HISTORY_COUNT = 20;
const HISTORY_MOST = 100;

const COMMANDS: Readonly<Record<string, CommandSpec>> = {
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
  quit: {
    takes: "",
    says: "leave the program; the rooms stay yours",
    also: ["exit", "q"],
    parse: (argument) => argument === "" ? { kind: "quit" } : takesNothing("quit"),
  },
};

/** What the line asks for. Text is given back as typed; `//` at its start stands for one slash. */
export function parseInput(line: string): Intent {
  if (line.trim() === "") return { kind: "nothing" };
  if (!line.startsWith("/")) return { kind: "say", text: line };
  if (line.startsWith("//")) return { kind: "say", text: line.slice(1) };
  const [, word = "", argument = ""] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
  const name = findCommand(word.toLowerCase());
  if (name === undefined) return { kind: "problem", message: unknownCommand(word) };
  return (COMMANDS[name] as CommandSpec).parse(argument.trim());
}

/** The names of all commands, as typed after the slash. */
export function commandNames(): readonly string[] {
  return Object.keys(COMMANDS);
}

function findCommand(word: string): string | undefined {
  if (Object.hasOwn(COMMANDS, word)) return word;
  return Object.keys(COMMANDS).find((name) => COMMANDS[name]?.also?.includes(word));
}

function usage(name: string): string {
  return `/${name} ${COMMANDS[name]?.takes ?? ""}`.trimEnd();
}

function help(argument: string): Intent {
  const word = argument.replace(/^\//, "").toLowerCase();
  const only = word === "" ? undefined : findCommand(word);
  if (word !== "" && only === undefined) return { kind: "problem", message: unknownCommand(word) };
  const names = only === undefined ? commandNames() : [only];
  const width = Math.max(...names.map((name) => usage(name).length));
  const lines = names.map((name) => {
    const also = COMMANDS[name]?.also?.map((alias) => `/${alias}`).join(", ");
    const alias = also === undefined || only === undefined ? "" : ` (also ${also})`;
    return `${usage(name).padEnd(width)}  ${COMMANDS[name]?.says}${alias}`;
  });
  if (only !== undefined) return { kind: "help", lines };
  const slash = `${"//TEXT".padEnd(width)}  say a text that begins with a slash`;
  return { kind: "help", lines: [...lines, slash] };
}

function withRoom(kind: "join" | "create" | "leave" | "who", argument: string): Intent {
  const room = parseRoom(argument);
  if (room !== undefined) return { kind, room };
  const wanted = "a room's name is letters, digits, - and _, like #ops";
  const message = argument === ""
    ? `/${kind} needs a room: ${usage(kind)}`
    : `No room can be called "${argument}": ${wanted}`;
  return { kind: "problem", message };
}

/** A room as people write it, with or without the leading `#`; undefined when it can be none. */
export function parseRoom(argument: string): string | undefined {
  const room = argument.replace(/^#/, "");
  return isRoomRef(room) ? room : undefined;
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

function unknownCommand(word: string): string {
  const near = nearest(word.toLowerCase());
  const hint = near === undefined ? "/help lists the commands" : `did you mean /${near}?`;
  return `There is no command /${word}: ${hint} (to send it as text, begin with //)`;
}

/** The command a misspelt word most likely meant: begun by it, or at most two slips away. */
function nearest(word: string): string | undefined {
  if (word === "") return undefined;
  const begun = commandNames().find((name) => name.startsWith(word) && word.length >= 2);
  if (begun !== undefined) return begun;
  const slips = commandNames().map((name) => ({ name, count: editDistance(word, name) }));
  const best = slips.reduce((a, b) => b.count < a.count ? b : a);
  return best.count <= Math.min(2, best.name.length - 2) ? best.name : undefined;
}

/** How many letters to add, drop, change or swap (Damerau, optimal string alignment). */
function editDistance(from: string, to: string): number {
  if (from.length > 2 * to.length + 2) return from.length;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = from[i - 1] === to[j - 1] ? 0 : 1;
      let best = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + changed,
      );
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (i > 1 && j > 1 && swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
