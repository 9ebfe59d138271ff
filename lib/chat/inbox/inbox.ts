// What concerns a user and is unread, over all their rooms; and the messages they have bookmarked. Only of
// rooms that they may read now. Knows no SQL and no socket.

import type { Repository } from "../../store/repository.ts";
import { roomId } from "../../store/records.ts";
import type { Clock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";
import type { EventKind } from "../../wire/event.ts";
import type { BookmarkSummary, InboxSummary } from "../../wire/summaries.ts";
import { toEvent } from "../event_frames.ts";
import type { Principal } from "../people/principal.ts";
import type { ReadableRooms } from "../rooms/readable_rooms.ts";
import type { RoomDirectory } from "../rooms/room_directory.ts";

/** The kinds of events that can be bookmarked. */
const BOOKMARKED: ReadonlySet<string> = new Set<EventKind>(["message", "response", "decision"]);
/** Bookmarks of one user. */
const MOST_BOOKMARKS = 1_000;
/** Rooms that one page looks into: a page may end early. */
const ROOMS_A_PAGE = 32;
/** Parts of rooms that one page looks at, and the UTF-16 units of text with which it is full. */
const STEPS_A_PAGE = 64;
const PAGE_UNITS = 65_536;

interface InboxOptions {
  readonly repository: Pick<Repository, "inbox" | "bookmarks">;
  readonly rooms: RoomDirectory;
  readonly readable: ReadableRooms;
  readonly clock: Clock;
}

/** Up to where a reader has come: behind this seq of this room, or of the next one after it. */
export interface InboxPosition {
  readonly room: number;
  readonly seq: number;
}

/** An entry with its position in the list. */
interface Placed<T, Position> {
  readonly item: T;
  readonly at: Position;
}

interface InboxPage {
  readonly entries: readonly Placed<InboxSummary, InboxPosition>[];
  /** Where the next page begins; undefined after the last one. */
  readonly next: InboxPosition | undefined;
}

interface BookmarkPage {
  readonly entries: readonly Placed<BookmarkSummary, number>[];
  readonly next: number | undefined;
}

export class Inbox {
  readonly #options: InboxOptions;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /**
   * A page of unread events that concern the principal, room by room, in each by seq. It may have fewer than
   * asked for, and none, although there are more.
   */
  async page(
    principal: Principal,
    { after, limit }: { after: InboxPosition | undefined; limit: number },
  ): Promise<InboxPage> {
    const page = await this.#unread(principal, { after, limit });
    if (page.entries.length === 0) return page;
    // The user may have been removed from a room while the store was asked.
    const rooms = page.entries.map(({ at }) => roomId(at.room));
    const names = await this.#options.readable.among(rooms, principal);
    return { ...page, entries: page.entries.filter(({ at }) => names.has(roomId(at.room))) };
  }

  async #unread(
    principal: Principal,
    { after, limit }: { after: InboxPosition | undefined; limit: number },
  ): Promise<InboxPage> {
    const { repository: { inbox }, readable } = this.#options;
    const most = Math.min(limit, ROOMS_A_PAGE);
    const from = after?.room ?? 0;
    const rooms = await inbox.rooms(principal.user, { from, limit: most + 1 });
    const some = rooms.slice(0, most);
    const names = await readable.among(some.map(({ id }) => id), principal);
    const entries: Placed<InboxSummary, InboxPosition>[] = [];
    let steps = 0;
    let units = 0;
    for (const room of some) {
      const name = names.get(room.id);
      if (name === undefined) continue;
      let seq = after?.room === room.id ? Math.max(after.seq, room.read) : room.read;
      while (seq < room.last) {
        const isFull = entries.length >= limit || units >= PAGE_UNITS || steps++ === STEPS_A_PAGE;
        if (isFull) return { entries, next: { room: room.id, seq } };
        const left = limit - entries.length;
        const step = await inbox.entries(principal.user, { room, after: seq, limit: left });
        for (const { at, reason, event } of step.entries) {
          const shown = toEvent(event, event.body, { ...event, room: name });
          const item = { reason, read: at, event: shown };
          entries.push({ item, at: { room: room.id, seq: at } });
          units += event.body.content.length;
        }
        seq = step.reached;
      }
    }
    const last = some.at(-1);
    const isOver = last === undefined || rooms.length === some.length;
    return { entries, next: isOver ? undefined : { room: last.id + 1, seq: 0 } };
  }

  /**
   * Bookmarks a message or an answer, or takes the bookmark back.
   * @throws {ChatError} no_such_room, as for reading; bad_field; forbidden above the limit
   */
  async setBookmark(
    principal: Principal,
    { room: name, seq, on }: { room: string; seq: number; on: boolean },
  ): Promise<void> {
    const { rooms, repository: { bookmarks }, clock } = this.#options;
    using lease = await rooms.open(name, { principal, action: "read" });
    const { room } = lease;
    const bookmark = { user: principal.user, room: room.id, seq };
    if (!on) return await bookmarks.remove(bookmark);
    const kind = (await room.find(seq))?.body.kind;
    const outcome = kind !== undefined && BOOKMARKED.has(kind)
      ? await bookmarks.add({ ...bookmark, now: clock.now(), most: MOST_BOOKMARKS })
      : "gone";
    if (outcome === "gone") {
      const message = `There is no message ${seq} in "${name}"`;
      throw new ChatError("bad_field", message, { field: "seq" });
    }
    if (outcome === "added") return;
    const message = `A user may bookmark at most ${MOST_BOOKMARKS} messages: take some back first`;
    throw new ChatError("forbidden", message);
  }

  /** A page of bookmarks, the latest first. It may have fewer than asked for although there are more. */
  async bookmarks(
    principal: Principal,
    { below, limit }: { below: number | undefined; limit: number },
  ): Promise<BookmarkPage> {
    const { repository: { bookmarks }, readable } = this.#options;
    const found = await bookmarks.list(principal.user, { below, limit: limit + 1 });
    const some = found.slice(0, limit);
    const names = await readable.among(some.map(({ room }) => room), principal);
    const entries = some.flatMap(({ id, room, added, event }) => {
      const name = names.get(room);
      if (name === undefined) return [];
      const item = { added, event: toEvent(event, event.body, { ...event, room: name }) };
      return [{ item, at: id }];
    });
    return { entries, next: found.length > limit ? some.at(-1)?.id : undefined };
  }
}
