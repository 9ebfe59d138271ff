// The commands of the line that find messages: those for the person, bookmarks, by words, by number, and by
// time.

import type { ServerFrame } from "../../../wire/frame.ts";
import { formatClock, formatDay } from "../../../terminal/layout.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../../../terminal/view_lines.ts";
import { parseMoment } from "../../history/moment.ts";
import { describeBlock } from "./blocks.ts";
import { locate } from "./message_names.ts";
import { showFound, showInbox, showLaters } from "./paged_lists.ts";
import { currentOf } from "../commands.ts";
import { parseText } from "../line_target.ts";
import type { OwnTarget } from "../own_commands.ts";
import { request } from "../requests.ts";
import { noArgument, row, SlashError } from "../slash_table.ts";

/** Messages of one block. */
const SHOWN = 20;

interface Mark {
  /** Missing: the last message of this room. */
  readonly name: string | undefined;
  readonly on: boolean;
}

export const FINDING_COMMANDS = {
  inbox: row<true, OwnTarget>({
    usage: "",
    description: "what is for you and not read yet, in all your rooms",
    details: [
      "Mentions as @name, replies, direct messages, answers. Reading a room takes its entries away.",
    ],
    parse: noArgument,
    run: (_, target) => showInbox(target),
  }),
  later: row<Mark, OwnTarget>({
    usage: "[k7] [off]",
    description: "keep a message for later, else the last one here",
    details: ["The message is k7 (/ids), 59 of this room, or ops:59. /laters lists what you keep."],
    parse: parseMark,
    run: ({ name, on }, target) => {
      const { room, seq } = locate(name, target);
      const which = `message ${seq} of ${formatRoom(room)}`;
      const done = on ? `Kept for later: ${which} · /laters` : `Not kept any more: ${which}`;
      request(target, { type: "later", room, seq, on }, () => [notice(done)]);
    },
  }),
  laters: row<true, OwnTarget>({
    usage: "",
    description: "what you keep for later",
    parse: noArgument,
    run: (_, target) => showLaters(target),
  }),
  search: row<string, OwnTarget>({
    usage: "WORDS",
    description: "find messages in all rooms that you may read",
    details: ['"disk full" -db4 from:bob in:ops before:2026-11-01 after:2026-10-01 mentions:me'],
    parse: parseText,
    run: (query, target) => showFound(query, target),
  }),
  goto: row<string, OwnTarget>({
    usage: "ops:59",
    description: "show the messages around one: k7, 59, or ops:59",
    parse: parseText,
    run: (name, target) => {
      const { room, seq } = locate(name, target);
      request(
        target,
        { type: "history", room, around: seq, limit: SHOWN },
        (page) => describeAround(page, { seq, target }),
      );
    },
  }),
  at: row<number, OwnTarget>({
    usage: "TIME",
    description: "show this room from a time on: yesterday 14:00",
    details: ["TIME is 14:00, yesterday 14:00, monday, 2026-11-01 14:00, or 2h: two hours ago"],
    parse: parseTime,
    run: (time, target) => {
      const room = currentOf(target);
      request(
        target,
        { type: "history", room, at: time, limit: SHOWN },
        (page) => describeSince(page, { time, target }),
      );
    },
  }),
};

function parseMark(argument: string): Mark | undefined {
  const words = argument.split(/\s+/).filter((word) => word !== "");
  const on = words.at(-1) !== "off";
  const names = on ? words : words.slice(0, -1);
  return names.length > 1 ? undefined : { name: names[0], on };
}

function parseTime(argument: string): number | undefined {
  if (argument === "") return undefined;
  const time = parseMoment(argument, Date.now());
  if (time !== undefined) return time;
  const forms = "14:00, yesterday 14:00, monday, 2026-11-01 14:00, or 2h";
  throw new SlashError(`"${argument}" is no time: write ${forms}`);
}

function describeAround(
  { room, events }: ServerFrame<"page">,
  { seq, target }: { readonly seq: number; readonly target: OwnTarget },
): readonly Line[] {
  if (!events.some((event) => event.seq === seq)) {
    return [failure(`There is no message ${seq} in ${formatRoom(room)}`)];
  }
  const title = `${formatRoom(room)} around message ${seq}`;
  const end = `end of the messages around ${seq}`;
  return describeBlock({ title, events, end, marked: seq }, target.places);
}

function describeSince(
  { room, events, more_after: hasMore }: ServerFrame<"page">,
  { time, target }: { readonly time: number; readonly target: OwnTarget },
): readonly Line[] {
  const since = `${formatRoom(room)} since ${formatDay(time)} ${formatClock(time)}`;
  const last = events.at(-1)?.seq;
  if (last === undefined) return [notice(`${since}: no messages`)];
  const title = `${since}: ${hasMore ? "the first " : ""}${countOf(events.length, "message")}`;
  const end = hasMore ? `and more: /goto ${last} shows what follows` : "up to now";
  return describeBlock({ title, events, end }, target.places);
}
