// The room `desk`: every change of an inquiry is an event there, stored with what changes it. Operators on
// all servers follow it like any room. Knows no connection and no SQL.

import type { Appended } from "../../store/records.ts";
import type { Expectation } from "../../store/desk/records.ts";
import type { EventBody } from "../../wire/event.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import { authorOf } from "../event_frames.ts";
import type { Account } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** Something that is posted in an inquiry's room. */
interface Post {
  readonly author: Account;
  readonly body: EventBody;
  readonly cid?: string | undefined;
  readonly anyway?: boolean | undefined;
}

/** A change that is stored in the room `desk` alone. */
interface Change extends Pick<Post, "author"> {
  readonly body: EventBody;
  readonly expect?: Expectation | undefined;
}

export class DeskLog {
  readonly room: Room;

  /** @param room the room `desk`, which stays in memory */
  constructor(room: Room) {
    this.room = room;
  }

  /** Posts in an inquiry's room, as `Room.post` does in others; the desk follows. Never rejects. */
  async post(room: Room, { author, body, cid, anyway }: Post): Promise<Appended> {
    const inquiry = inquiryOf(room.name);
    const appended = await room.log.post({
      room: room.id,
      ...authorOf(author),
      body,
      cid,
      anyway,
      inquiry,
    });
    if ("refused" in appended) {
      if (appended.refused === "unavailable") this.room.log.doubt();
    } else if (appended.desk !== undefined) this.room.log.noteGrown(appended.desk);
    return appended;
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
