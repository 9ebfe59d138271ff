// People, rooms and drafts for tests of the store, made with as few words as a test needs.

import type { EventBody } from "../../../lib/wire/event.ts";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import {
  type Draft,
  type InquiryRecord,
  roomId,
  type RoomRecord,
  userId,
  type UserRecord,
} from "../../../lib/store/records.ts";

/** Where nothing changes an inquiry. */
export const NO_DESK = roomId(0);

/** The lobby of a new database. */
export const LOBBY = roomId(1);

/** A room without events, as the store has it. */
export const EMPTY_ROOM: RoomRecord = {
  id: LOBBY,
  name: "ops",
  kind: "public",
  topic: "",
  first: 1,
  last: 0,
  owner: undefined,
  members: 0,
  removals: 0,
  pair: undefined,
};

export function newTokenHash(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

export function createGuest({ users }: Repository, name = "ada"): Promise<UserRecord> {
  return users.createGuest({ name: userNameOf(name), tokenHash: newTokenHash(), now: 0 });
}

export function createRoom({ rooms }: Repository, name: string): Promise<RoomRecord> {
  return rooms.create({ name, key: name.toLowerCase(), kind: "public", now: 0 });
}

/** A message by `user`, a guest called ada, into the lobby, unless it says otherwise. */
export function draft(
  user: number,
  more: Partial<Omit<Draft, "body">> & Partial<EventBody> = {},
): Draft {
  const { kind = "message", content = "hello", to, of, inquiry, ...rest } = more;
  return {
    room: LOBBY,
    user: userId(user),
    from: "ada",
    guest: true,
    body: of === undefined ? { kind, content, to } : { kind, content, of },
    inquiry,
    ...rest,
  };
}

/** Says each text in a room, one after the other. */
export async function say(
  { messages }: Repository,
  posted: { user: number; room?: number; texts: readonly string[] },
): Promise<void> {
  const { user, room = LOBBY, texts } = posted;
  await messages.append(texts.map((content) => draft(user, { room: roomId(room), content })));
}

/** An inquiry in which nothing was asked yet. */
export async function openInquiry(
  { inquiries }: Repository,
  asker: number,
): Promise<InquiryRecord> {
  const opening = await inquiries.open({ asker: userId(asker), mostOpen: 100, now: 0 });
  if ("refused" in opening) throw new Error("Too many are open");
  return opening.inquiry;
}
