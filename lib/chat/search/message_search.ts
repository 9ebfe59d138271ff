// Finds messages for a user: only what the user may read now. The store leaves out what the access rules
// forbid by kind and membership; bans and removals are checked with the rooms.

import type { Repository } from "../../store/repository.ts";
import type { RoomId } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { isRoomRef } from "../../wire/room_ref.ts";
import { readableKinds } from "../access.ts";
import { toEvent } from "../event_frames.ts";
import type { Principal } from "../people/principal.ts";
import type { ReadableRooms } from "../rooms/readable_rooms.ts";
import type { RoomDirectory } from "../rooms/room_directory.ts";
import { type ParsedSearch, parseSearch } from "./search_query.ts";

/** Messages that were found, the newest first. */
interface FoundPage {
  readonly events: readonly RoomEvent[];
  /** The position of the next page, above 0; undefined after the last one. */
  readonly next: number | undefined;
}

export class MessageSearch {
  readonly #repository: Pick<Repository, "search">;
  readonly #rooms: RoomDirectory;
  readonly #readable: ReadableRooms;

  constructor(options: {
    repository: Pick<Repository, "search">;
    rooms: RoomDirectory;
    readable: ReadableRooms;
  }) {
    this.#repository = options.repository;
    this.#rooms = options.rooms;
    this.#readable = options.readable;
  }

  /**
   * A page of messages. It may have fewer than asked for, and none, although there are more.
   * @throws {ChatError} bad_field without a term, and where its words are too common; no_such_room
   */
  async find(
    principal: Principal,
    { query, below, limit }: { query: string; below: number | undefined; limit: number },
  ): Promise<FoundPage> {
    const parsed = parseSearch(query);
    if (parsed.all.length === 0 && parsed.from === undefined && parsed.mentionsMe !== true) {
      const message = "A search needs a word, a phrase in quotes, from:NAME or mentions:me";
      throw new ChatError("bad_field", message, { field: "query" });
    }
    const page = await this.#repository.search.find({
      ...parsed,
      room: await this.#roomOf(parsed, principal),
      mentionsReader: parsed.mentionsMe === true,
      reader: { user: principal.user, name: principal.name, ...readableKinds(principal) },
      below,
      limit,
    });
    if (page === undefined) {
      const message = "Too many messages have these words: add another word";
      throw new ChatError("bad_field", message, { field: "query" });
    }
    const names = await this.#readable.among(page.hits.map(({ room }) => room), principal);
    const events = page.hits.flatMap((hit) => {
      const room = names.get(hit.room);
      return room === undefined ? [] : [toEvent(hit, hit.body, { ...hit, room })];
    });
    return { events, next: page.next };
  }

  async #roomOf({ room }: ParsedSearch, principal: Principal): Promise<RoomId | undefined> {
    if (room === undefined) return undefined;
    if (!isRoomRef(room)) {
      throw new ChatError("bad_field", `"in:" takes the name of a room, not "${room}"`, {
        field: "query",
      });
    }
    using lease = await this.#rooms.open(room, { principal, action: "read" });
    return lease.room.id;
  }
}
