// The commands of the line about places: going to a room, writing to one without going there, and
// which rooms are shown.

import { isRoomRef } from "../../wire/room_ref.ts";
import { formatRoom, notice } from "../../terminal/view_lines.ts";
import type { PlacesView } from "../places/places_view.ts";
import {
  CALL_LEVELS,
  type CallLevel,
  type Preferences,
  READ_MODES,
  type ReadMode,
  type Scope,
  SCOPES,
} from "../places/preferences.ts";
import { COMMANDS, currentOf } from "./commands.ts";
import { checkSendable, type LineTarget } from "./line_target.ts";
import { row, SlashError } from "./slash_table.ts";

/** A line of a person whose rooms have places. */
export interface PlacesTarget extends LineTarget {
  readonly places: PlacesView;
  readonly preferences: Preferences;
  /** Goes to a room that is followed. */
  go(room: string): void;
  /** Something was set that changes what is shown. */
  changed(): void;
}

interface SayTarget {
  readonly room: string;
  readonly content: string;
}

/** The commands of a person's line. */
export const PLACE_COMMANDS = {
  room: row<string, PlacesTarget>({
    usage: "[ROOM]",
    description: "go to one of your rooms, by name or number; or list",
    aliases: ["win", "window"],
    parse: (argument) => argument,
    run: (argument, target) => {
      if (argument === "") return target.show(listPlaces(target).map(notice));
      target.go(findPlace(argument, target));
    },
  }),
  next: row<true, PlacesTarget>({
    usage: "",
    description: "go to the next room with something for you, or new",
    parse: (argument) => argument === "" ? true : undefined,
    run: (_, target) => goNext(target),
  }),
  say: row<SayTarget, PlacesTarget>({
    usage: "ROOM TEXT",
    description: "send a text to a room without going there",
    parse: parseSay,
    run: ({ room, content }, target) => {
      checkSendable(content, target);
      target.sender.send(room, content);
    },
  }),
  show: row<Scope, PlacesTarget>({
    usage: "all|room",
    description: "show all rooms in one stream, or only this one",
    parse: (argument) => SCOPES.find((scope) => scope === argument),
    run: (scope, target) => {
      target.preferences.setScope(scope);
      const what = scope === "all" ? "All rooms in one stream" : "Only the room you are in";
      target.show([notice(`${what} from now on`)]);
      target.changed();
    },
  }),
  notify: row<CallLevel | "", PlacesTarget>({
    usage: "[all|mentions|none]",
    description: "which messages here ring; alone, what is set",
    details: ["mentions are those that name you or answer you"],
    parse: (argument) => argument === "" ? "" : CALL_LEVELS.find((level) => level === argument),
    run: (level, target) => {
      const room = currentOf(target);
      if (level !== "") target.preferences.setCalls(room, level);
      const set = CALL_TEXTS[target.preferences.callsOf(room)];
      target.show([notice(`${formatRoom(room)}: ${set}`)]);
    },
  }),
  read: row<ReadMode | "", PlacesTarget>({
    usage: "[shown|key|manual]",
    description: "mark this room as read; or set when that happens",
    details: [
      "shown: as messages are shown, while you are there; key: with your next key; manual: by /read alone",
    ],
    parse: (argument) => argument === "" ? "" : READ_MODES.find((mode) => mode === argument),
    run: (mode, target) => {
      if (mode === "") target.places.readAll();
      else {
        target.preferences.setReadMode(mode);
        target.show([notice(READ_TEXTS[mode])]);
      }
      target.changed();
    },
  }),
};

const CALL_TEXTS: Readonly<Record<CallLevel, string>> = {
  all: "every message rings",
  mentions: "messages that name you or answer you ring",
  none: "nothing rings, and nothing is shown in other rooms",
};
const READ_TEXTS: Readonly<Record<ReadMode, string>> = {
  shown: "Messages count as read when they are shown, while you are there",
  key: "Messages count as read with your next key",
  manual: "Messages count as read by /read alone",
};

/** Goes to the next room with something new; says so when there is none. */
export function goNext(target: PlacesTarget): void {
  const { current } = target.loop.conversation;
  const next = target.places.places.next(current);
  if (next === undefined) target.show([notice("Nothing new elsewhere")]);
  else target.go(next.room);
}

/** The room of that name or number. @throws {SlashError} when none of the person's rooms is it */
function findPlace(argument: string, { places: { places } }: PlacesTarget): string {
  const byNumber = places.all.find(({ number }) => String(number) === argument);
  if (byNumber !== undefined) return byNumber.room;
  const wanted = argument.replace(/^#/, "").toLowerCase();
  const byName = places.all.find(({ room }) => room.toLowerCase() === wanted);
  if (byName !== undefined) return byName.room;
  if (/^\d+$/.test(argument)) {
    throw new SlashError(`None of your rooms is number ${argument}: /room lists them`);
  }
  const name = argument.replace(/^#/, "");
  const hint = isRoomRef(name) ? `: /join ${name} enters it` : "";
  throw new SlashError(`You are not in ${argument}${hint}`);
}

function parseSay(argument: string): SayTarget | undefined {
  const [, name = "", content = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const room = COMMANDS.join.parse(name);
  return room === undefined ? undefined : { room, content };
}

/** `2 #ops · 14 new, 1 for you`. */
function listPlaces({ places: { places }, loop }: PlacesTarget): readonly string[] {
  const { current } = loop.conversation;
  if (places.all.length === 0) return ["You are in no room: /join ROOM enters one"];
  return places.all.map(({ number, room, unread, calls }) => {
    const parts = [`${number} ${formatRoom(room)}`];
    if (room === current) parts.push("you are here");
    if (unread > 0) parts.push(`${unread} new${calls > 0 ? `, ${calls} for you` : ""}`);
    return parts.join(" · ");
  });
}
