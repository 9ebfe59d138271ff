// Lists that the server sends page by page, shown as a block: the inbox, the bookmarks, and the hits of a
// search.

import type { RoomEvent } from "../../../wire/event.ts";
import type { ClientFrame } from "../../../wire/frame.ts";
import { countOf, formatRoom, type Line, notice } from "../../../terminal/view_lines.ts";
import type { Reply } from "../../link/reply_types.ts";
import type { OwnTarget } from "../own_commands.ts";
import { request } from "../requests.ts";
import { describeBlock } from "./blocks.ts";

/** Messages of one block, and pages that are asked for at most to fill it. */
const SHOWN = 20;
const MOST_PAGES = 10;

type PagedRequest = "inbox" | "laters" | "search";

/** Asks for pages, one after the other, until there are enough events. Must return at once. */
function collect<T extends PagedRequest>(
  target: OwnTarget,
  { ask, eventsOf, describe }: {
    readonly ask: (page: { from: string | undefined; limit: number }) => ClientFrame<T>;
    readonly eventsOf: (reply: Reply<T>) => readonly RoomEvent[];
    readonly describe: (events: readonly RoomEvent[], hasMore: boolean) => readonly Line[];
  },
): void {
  const page = (events: readonly RoomEvent[], from: string | undefined, pages: number): void => {
    request<T>(target, ask({ from, limit: SHOWN - events.length }), (reply) => {
      const all = [...events, ...eventsOf(reply)];
      const { next } = reply as { readonly next?: string };
      const isOver = next === undefined || all.length >= SHOWN || pages === MOST_PAGES;
      if (isOver) return describe(all, next !== undefined);
      page(all, next, pages + 1);
      return [];
    });
  };
  page([], undefined, 1);
}

export function showInbox(target: OwnTarget): void {
  collect<"inbox">(target, {
    ask: (page) => ({ type: "inbox", ...page }),
    eventsOf: ({ entries }) => entries.map(({ event }) => event),
    describe: (events, hasMore) => {
      if (events.length === 0) return describeEmptyInbox(target);
      const title = `For you and not read: ${countOf(events.length, "message")}`;
      const end = hasMore
        ? "and more: read some of these first · /next goes to the next room"
        : "/next goes to the next room with something for you";
      return describeBlock({ title, events, end }, target.places);
    },
  });
}

/** The line counts a bare name as well, as the server does not: where it does, that is explained. */
function describeEmptyInbox({ places: { places } }: OwnTarget): readonly Line[] {
  const nothing = notice("Nothing new for you");
  const named = places.all.find(({ calls }) => calls > 0);
  if (named === undefined) return [nothing];
  const where = formatRoom(named.room);
  return [nothing, notice(`Your name without an @ is not listed here: /next goes to ${where}`)];
}

export function showLaters(target: OwnTarget): void {
  collect<"laters">(target, {
    ask: (page) => ({ type: "laters", ...page }),
    eventsOf: ({ entries }) => entries.map(({ event }) => event),
    describe: (events, hasMore) => {
      if (events.length === 0) return [notice("You keep nothing for later: /later k7 does")];
      const title = `Kept for later: ${hasMore ? "the latest " : ""}${
        countOf(events.length, "message")
      }`;
      const end = "/goto k7 shows the messages around one, /later k7 off removes it";
      return describeBlock({ title, events: events.toReversed(), end }, target.places);
    },
  });
}

export function showFound(query: string, target: OwnTarget): void {
  collect<"search">(target, {
    ask: (page) => ({ type: "search", query, ...page }),
    eventsOf: ({ events }) => events,
    describe: (events, hasMore) => {
      if (events.length === 0) return [notice(`Nothing found: ${query}`)];
      const newest = hasMore ? "the newest " : "";
      const title = `Found: ${newest}${countOf(events.length, "message")} · ${query}`;
      const end = hasMore
        ? "older ones: add before:DAY, in:ROOM or from:NAME"
        : "end of the search";
      return describeBlock({ title, events: events.toReversed(), end }, target.places);
    },
  });
}
