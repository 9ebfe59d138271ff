// What a room reports of its users' subscriptions. Knows nothing of what becomes of it.

import type { UserId } from "../../store/records.ts";

/** Is notified of a user's first subscription to a room, and of the end of the last one, on all servers. */
export interface RoomPresence<Room> {
  noteCame(room: Room, user: UserId): void;
  noteWent(room: Room, user: UserId): void;
}
