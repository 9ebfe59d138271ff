// What a room is created with, and what it reports to. Types only.

import type { Cluster } from "../../cluster/cluster.ts";
import type { Messages } from "../../store/repository.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { Fanout } from "../fanout.ts";
import type { UserId } from "../../store/records.ts";

/** Is notified of a user's first subscription to a room, and of the end of the last one, on all servers. */
export interface RoomPresence<Room> {
  noteCame(room: Room, user: UserId): void;
  noteWent(room: Room, user: UserId): void;
}

export interface RoomOptions<Room> {
  readonly messages: Messages;
  readonly fanout: Fanout;
  readonly cluster?: Cluster;
  readonly presence?: RoomPresence<Room>;
  readonly now?: () => number;
  /** Called with each event of the log as it is delivered. Must return at once and must not throw. */
  readonly onDelivered?: ((event: RoomEvent) => void) | undefined;
}
