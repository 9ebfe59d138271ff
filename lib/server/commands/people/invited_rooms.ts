// The rooms of a join code: those to which its creator may invite, asked when the code is created and again
// when it is looked at or redeemed.

import type { Hub } from "../../../chat/hub.ts";
import { Principal } from "../../../chat/people/principal.ts";
import type { RoomId } from "../../../store/records.ts";
import type { CodeRecord } from "../../../store/repository.ts";
import { ChatError } from "../../../wire/errors.ts";

/** A room to which a user may invite people. */
export interface InvitedRoom {
  readonly id: RoomId;
  readonly name: string;
}

/** @throws {ChatError} as `authorize`, and bad_field for a room to which nobody is invited */
export async function getInvitedRoom(
  ref: string,
  { principal, hub }: { principal: Principal; hub: Hub },
): Promise<InvitedRoom> {
  using lease = await hub.rooms.open(ref, { principal, action: "join" });
  const { id, kind, name } = lease.room;
  if (kind === "private") {
    using _mayAdd = await hub.rooms.open(ref, { principal, action: "add" });
    return { id, name };
  }
  if (kind === "public") return { id, name };
  throw new ChatError("bad_field", `Nobody can be invited to "${name}"`, { field: "rooms" });
}

/** The rooms of a code to which its creator may still invite; the others are left out. */
export async function findInvitedRooms(
  { rooms, creator: { id: user, name, role } }: CodeRecord,
  hub: Hub,
): Promise<readonly InvitedRoom[]> {
  if (rooms.length === 0) return [];
  const principal = new Principal({ user, name, role });
  const found: InvitedRoom[] = [];
  for (const ref of (await hub.rooms.namesOf(rooms)).values()) {
    try {
      found.push(await getInvitedRoom(ref, { principal, hub }));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
    }
  }
  return found;
}
