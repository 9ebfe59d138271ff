// The room `desk`: every change of an inquiry is an event there, stored with what changes it. Operators on
// all servers follow it like any room. Knows no connection and no SQL.

import type { Appended } from "../../store/records.ts";
import type { Expectation } from "../../store/desk/records.ts";
import type { DeskChange, EventBody, RoomEvent } from "../../wire/event.ts";
import { inquiryOf, inquiryRoom } from "../../wire/room_ref.ts";
import { authorOf } from "../event_frames.ts";
import type { Account } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** Something that is posted in an inquiry's room. */
interface Post {
  readonly author: Account;
  readonly body: EventBody;
  readonly cid?: string | undefined;
  readonly anyway?: boolean | undefined;
  readonly asOf?: number | undefined;
  readonly resendOnly?: boolean | undefined;
}

/** A change that is stored in the room `desk` alone. */
interface Change extends Pick<Post, "author"> {
  readonly body: EventBody;
  readonly expect?: Expectation | undefined;
}

/** What the readers of an inquiry's room are sent, and no event of the room says. */
const PROGRESS: ReadonlySet<DeskChange> = new Set<DeskChange>([
  "seen",
  "claimed",
  "released",
  "assigned",
  "resolved",
  "reopened",
]);

export class DeskLog {
  readonly room: Room;
  readonly #findRoom: (name: string) => Room | undefined;

  /**
   * @param room the room `desk`, which stays in memory
   * @param findRoom the room of this name, if it is in memory
   */
  constructor(room: Room, findRoom: (name: string) => Room | undefined) {
    this.room = room;
    this.#findRoom = findRoom;
  }

  /** Posts in an inquiry's room, as `Room.post` does in others; the desk follows. Never rejects. */
  async post(room: Room, { author, body, ...options }: Post): Promise<Appended> {
    const inquiry = inquiryOf(room.name);
    const appended = await room.log.post({
      room: room.id,
      ...authorOf(author),
      body,
      ...options,
      inquiry,
    });
    if ("refused" in appended) {
      if (appended.refused === "unavailable") this.room.log.doubt();
    } else if (appended.desk !== undefined) this.room.log.noteGrown(appended.desk);
    return appended;
  }

  /**
   * The desk has an event, stored by this or another server: the readers of the inquiry's room are sent what
   * the room itself does not have.
   */
  noteDelivered({ inquiry = 0, change, of, state, ...event }: RoomEvent): void {
    if (change === undefined || state === undefined || !PROGRESS.has(change)) return;
    const name = inquiryRoom(inquiry);
    const room = this.#findRoom(name);
    // The asker knows what they did themselves; in their name the clock ends a snooze.
    if (room === undefined || of !== undefined || event.user === room.owner) return;
    const { user, from, guest, bot, time, assignee } = event;
    const who = { user, from, guest, bot, time };
    room.broadcast({ type: "progress", room: name, inquiry, change, ...who, state, assignee });
  }

  /** Stores a change of an inquiry, unless the inquiry is not as expected. Never rejects. */
  change({ author, body, expect }: Change): Promise<Appended> {
    const { inquiry } = body;
    return this.room.log.post({
      room: this.room.id,
      ...authorOf(author),
      body,
      inquiry,
      expect,
    });
  }
}
